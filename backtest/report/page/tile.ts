import { html, type Markup } from '../html.ts';

/** One of the figures that are read first: its name, the figure, and what it means in small letters. */
export function tile(name: string, value: string, small: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
    <dd class="small">${small}</dd>
  </div>`;
}
