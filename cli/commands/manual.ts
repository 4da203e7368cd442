import { type Command, Option } from 'commander';
import { manPage } from '../manual/man-page.ts';
import { markdownManual } from '../manual/markdown.ts';
import { manualEntries } from '../manual/reference.ts';
import { version } from '../version.ts';

export function manual(program: Command): void {
  program
    .command('manual')
    .description('every command and option on one page')
    .addOption(new Option('--format <kind>', 'what to print').choices(['man', 'markdown']).default('man'))
    .action(({ format }: { format: 'man' | 'markdown' }) => {
      const entries = manualEntries(program);
      process.stdout.write(format === 'man' ? manPage(entries, version) : markdownManual(entries));
    });
}
