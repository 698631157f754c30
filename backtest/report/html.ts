import { maskSecrets } from '../../infra/logging/mask-secrets.ts';

/** Markup that is safe to insert: made by `html` or vouched for by `trusted`. */
export interface Markup {
  readonly markup: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text for element content and quoted attributes, without secrets. Control characters that HTML forbids are dropped.
 */
export function escapeHtml(text: string): string {
  return [...maskSecrets(text)]
    .filter((character) => character >= ' ' || character === '\n' || character === '\t')
    .map((character) => ENTITIES[character] ?? character)
    .join('');
}

type Part = Markup | string | number | null | readonly (Markup | string)[];

function toMarkup(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  if ('markup' in part) return part.markup;
  return part.map(toMarkup).join('');
}

/** A template whose values are escaped unless they are markup themselves; null is nothing, arrays are joined. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return { markup: strings.reduce((text, literal, index) => text + toMarkup(parts[index - 1]!) + literal) };
}

/** Markup from our own renderer (SVG, style); never for text that came from outside. */
export function trusted(markup: string): Markup {
  return { markup };
}
