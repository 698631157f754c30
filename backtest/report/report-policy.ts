/** What a browser may do with a report: show inline style and SVG, and nothing else. */
export const REPORT_POLICY: readonly string[] = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
];
