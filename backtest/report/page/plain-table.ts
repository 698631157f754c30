import { html, type Markup } from '../html.ts';

/** One row of a table: its name, then its cells. */
export type Row = readonly [name: string, ...cells: (string | Markup)[]];

/** A table of figures that scrolls by itself where the screen is narrow. `label` is the id of the heading above it. */
export function plainTable(label: string, head: readonly string[], rows: readonly Row[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${label}">
    <table class="dense">
      <thead>
        <tr>
          ${head.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, ...cells]) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
