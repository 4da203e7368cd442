import { type Command, Option } from 'commander';
import { manPage } from '../manual/man-page.ts';
import { markdownManual } from '../manual/markdown.ts';
import { manualEntries } from '../manual/reference.ts';
import { commandTree } from '../program.ts';
import { version } from '../version.ts';

export function manual(program: Command): void {
  program
    .command('manual')
    .description('every command and option on one page')
    .addOption(new Option('--format <kind>', 'what to print').choices(['man', 'markdown']).default('man'))
    .action(async ({ format }: { format: 'man' | 'markdown' }) => {
      const entries = manualEntries(await commandTree([]));
      process.stdout.write(format === 'man' ? manPage(entries, version) : markdownManual(entries));
    });
}
