import type { Command } from 'commander';
import { privacyErase } from './privacy/erase.ts';
import { privacyExport } from './privacy/export.ts';
import { privacyNotice } from './privacy/notice.ts';
import { privacyPromises } from './privacy/promises.ts';

/** Every `airherd privacy` command, one file each in privacy/. */
export function privacy(program: Command): void {
  const group = program
    .command('privacy')
    .description('rights of people, what is collected, what is promised');
  for (const register of [privacyPromises, privacyExport, privacyErase, privacyNotice]) register(group);
}
