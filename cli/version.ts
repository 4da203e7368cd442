import { readFileSync } from 'node:fs';

/** package.json is one level up when run from source, two when run from dist/. */
function packageJson(): { version: string } {
  const here = new URL('../package.json', import.meta.url);
  try {
    return JSON.parse(readFileSync(here, 'utf8'));
  } catch {
    return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  }
}

export const version: string = packageJson().version;
