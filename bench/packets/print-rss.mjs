/** Loaded ahead of a Node program: its last line on standard error is its greatest resident set, KiB. */
import { writeSync } from 'node:fs';

process.on('exit', () => writeSync(2, `\n${process.resourceUsage().maxRSS}\n`));
