import { chromium, type Browser } from 'playwright-core';
import { loadConfig } from '../../infra/config.ts';
import { findChromium } from '../../infra/installed.ts';

const ARGUMENTS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** The browser that tests open reports in: the system's Chromium, which asks for nothing by itself. */
export function reportBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(loadConfig().programPath)!, args: ARGUMENTS });
}
