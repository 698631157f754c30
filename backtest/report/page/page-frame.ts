import { html, trusted, type Markup } from '../html.ts';
import { REPORT_POLICY } from '../report-policy.ts';
import { PAGE_SCRIPT } from '../script/page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

/** What a page that runs nothing may do. */
const STILL_POLICY = REPORT_POLICY.filter((rule) => !rule.startsWith('script-src'));

/**
 * A whole page of its own: its sections in one HTML file that makes no request. Its policy stands in it, so that a file
 * runs nothing but the script of reports, and that only where it `isLive`, wherever it is opened.
 */
export function pageOf(title: string, sections: readonly (Markup | null)[], { isLive = false } = {}): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="content-security-policy" content="${(isLive ? REPORT_POLICY : STILL_POLICY).join('; ')}" />
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
        ${isLive ? trusted(`<script>${PAGE_SCRIPT}</script>`) : null}
      </body>
    </html> `;
  return `${page.markup.trim()}\n`;
}
