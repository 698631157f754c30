import type { Route } from '../../infra/http/route.ts';

interface Place {
  readonly pattern: RegExp;
  readonly methods: string[];
}

/** Which methods there are at a path, whatever stands in its parts that vary. */
export class AllowedMethods {
  readonly #places = new Map<string, Place>();

  constructor(routes: readonly Pick<Route, 'method' | 'path'>[]) {
    for (const { method, path } of routes) {
      const source = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
      const place = this.#places.get(source) ?? { pattern: new RegExp(`^${source}/?$`), methods: [] };
      place.methods.push(...(method === 'GET' ? ['GET', 'HEAD'] : [method]));
      this.#places.set(source, place);
    }
  }

  /** As the header Allow has them; undefined where there is no such path. */
  at(path: string): string | undefined {
    const methods = [...this.#places.values()].flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []));
    return methods.length === 0 ? undefined : [...new Set(methods)].join(', ');
  }
}
