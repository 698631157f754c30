import type { Route } from '../../infra/http/route.ts';

interface Place {
  /** Nothing in it varies: it goes before those of the same form. */
  readonly isFixed: boolean;
  readonly pattern: RegExp;
  readonly methods: string[];
}

/** Which methods there are at a path, whatever stands in its parts that vary. */
export class AllowedMethods {
  readonly #places = new Map<string, Place>();

  constructor(routes: readonly Pick<Route, 'method' | 'path'>[]) {
    for (const { method, path } of routes) {
      const source = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
      const place = this.#places.get(source) ?? {
        isFixed: !path.includes(':'),
        pattern: new RegExp(`^${source}/?$`),
        methods: [],
      };
      place.methods.push(...(method === 'GET' ? ['GET', 'HEAD'] : [method]));
      this.#places.set(source, place);
    }
  }

  /** As the header Allow has them; undefined where there is no such path. */
  at(path: string): string | undefined {
    const places = [...this.#places.values()].filter(({ pattern }) => pattern.test(path));
    const found = places.find(({ isFixed }) => isFixed) ?? places[0];
    return found === undefined ? undefined : [...new Set(found.methods)].join(', ');
  }
}
