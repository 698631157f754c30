import { html, trusted, type Markup } from '../html.ts';
import { REPORT_POLICY } from '../report-policy.ts';
import { PAGE_SCRIPT } from '../script/page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

/**
 * A whole page of its own: its sections in one HTML file that makes no request. Its policy stands in it, so that a file
 * runs nothing but the script of reports wherever it is opened.
 */
export function pageOf(title: string, sections: readonly (Markup | null)[]): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="content-security-policy" content="${REPORT_POLICY.join('; ')}" />
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
        ${trusted(`<script>${PAGE_SCRIPT}</script>`)}
      </body>
    </html> `;
  return `${page.markup.trim()}\n`;
}
