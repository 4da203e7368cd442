import type { Command } from 'commander';
import { openCloudApi } from '../../cloud-api.ts';
import { type SubjectFlags, subjectOf, withSubjectFlags } from './subject-flags.ts';

/** `airherd privacy export`: a copy of all that is held of one person, to standard output. */
export function privacyExport(group: Command): void {
  withSubjectFlags(group.command('export'))
    .description('a copy of all that is held of one person, with where it came from')
    .option('--json', 'machine-readable')
    .action(async (options: SubjectFlags & { json?: boolean }) => {
      const body = { subject: subjectOf(options), format: options.json ? 'json' : 'text' };
      const api = await openCloudApi(options);
      const path = `/api/airherd/v1/orgs/${await api.organisation(options.org)}/subjects/export`;
      const answer = await api.open(path, { method: 'POST', body, timeoutMs: 600_000 });
      for await (const chunk of answer) process.stdout.write(chunk as Buffer);
    });
}
