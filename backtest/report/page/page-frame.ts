import { html, trusted, type Markup } from '../html.ts';
import { PAGE_STYLE } from './page-style.ts';

/** A whole page of its own: its sections in one HTML file, without script or request. */
export function pageOf(title: string, sections: readonly (Markup | null)[]): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${trusted(PAGE_STYLE)}
        </style>
      </head>
      <body>
        <main>${sections.filter((section) => section !== null)}</main>
      </body>
    </html> `;
  return `${page.markup.trim()}\n`;
}
