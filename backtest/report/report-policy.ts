import { SCRIPT_SOURCE } from './script/page-script.ts';

/** What a browser may do with a report: show inline style and SVG, run the one script of reports, and nothing else. */
export const REPORT_POLICY: readonly string[] = [
  "default-src 'none'",
  `script-src ${SCRIPT_SOURCE}`,
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
];
