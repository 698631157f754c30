import type { ReactNode } from 'react';

const PATHS = {
  alerts: 'M6 8a6 6 0 1 1 12 0c0 7 3 8 3 8H3s3-1 3-8m4 12a2 2 0 0 0 4 0',
  audit: 'M9 5h6m-6 0a2 2 0 0 0-2 2H6v14h12V7h-1a2 2 0 0 0-2-2M9 5v2h6V5M9 12h6m-6 4h4',
  backtests: 'M4 4v16h16M7 15l4-5 3 3 6-7',
  boards: 'M4 20V4m0 16h16M8 16v-4m4 4V8m4 8v-6',
  close: 'M6 6l12 12M18 6L6 18',
  download: 'M12 4v11m-4-4l4 4 4-4M4 20h16',
  keyboard: 'M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M8 15h8',
  limits: 'M4 19a8 8 0 1 1 16 0M12 19l4-6',
  moon: 'M20 14A8 8 0 1 1 10 4a7 7 0 0 0 10 10',
  orders: 'M4 7h16M4 12h16M4 17h10',
  overview: 'M4 4h7v7H4zM13 4h7v4h-7zM13 10h7v10h-7zM4 13h7v7H4z',
  palette: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14m5 12l4 4',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 21c0-4 4-6 8-6s8 2 8 6',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 5v4M9 15v4',
  signals: 'M3 12h4l3-8 4 16 3-8h4',
  market: 'M7 4v3m0 7v6M5 7h4v7H5zM17 3v5m0 8v5M15 8h4v8h-4z',
  stop: 'M8 3h8l5 5v8l-5 5H8l-5-5V8z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5',
  strategies: 'M5 4v16M5 8h8a3 3 0 0 1 3 3v0a3 3 0 0 0 3 3M16 17l3-3-3-3',
  models: 'M12 3v6m0 6v6M5 8l7 4 7-4M12 3l7 4v10l-7 4-7-4V7z',
  data: 'M5 6c0-2 14-2 14 0s-14 2-14 0v12c0 2 14 2 14 0V6M5 12c0 2 14 2 14 0',
  system: 'M4 5h16v6H4zM4 13h16v6H4zM7 8h.01M7 16h.01',
  users:
    'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M2 20c0-3 3-5 7-5s7 2 7 5M16 5.5a3.5 3.5 0 0 1 0 6.5M18 15.5c2.5.6 4 2.200 4 4.500',
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing beside words: it says nothing of its own. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
