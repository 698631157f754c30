import { createHash } from 'node:crypto';
import { FORMAT_SCRIPT } from './format-script.ts';
import { LEDGER_SCRIPT } from './ledger-script.ts';
import { PRICE_DATA_SCRIPT } from './price-data-script.ts';
import { PRICE_SCRIPT } from './price-script.ts';

/**
 * The one script of a report: it sorts, filters and pages the table of trades, and lets prices be zoomed. What it shows
 * comes from the page itself; it adds text and SVG, never markup, and asks nobody for anything. Without it the page
 * shows the newest trades and still charts.
 */
export const PAGE_SCRIPT = `(() => {
'use strict';
${[FORMAT_SCRIPT, LEDGER_SCRIPT, PRICE_DATA_SCRIPT, PRICE_SCRIPT].map((part) => part.trim()).join('\n')}
for (const box of document.querySelectorAll('.ledger')) showLedger(box);
for (const box of document.querySelectorAll('.live-prices')) showPrices(box);
})();`;

/** What a policy lets run: these very bytes. */
export const SCRIPT_SOURCE = `'sha256-${createHash('sha256').update(PAGE_SCRIPT).digest('base64')}'`;
