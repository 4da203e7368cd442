import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium, without a window. The labs' authority is not one that it knows. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
