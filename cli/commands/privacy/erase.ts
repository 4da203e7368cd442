import type { Command } from 'commander';
import type { ErasureCertificate } from '../../../cloud-stub/privacy/erase.ts';
import { openCloudApi } from '../../cloud-api.ts';
import { type SubjectFlags, subjectOf, withSubjectFlags } from './subject-flags.ts';

function print({ store, agents, backups, doneMs }: ErasureCertificate): void {
  console.log(`erased at     ${new Date(doneMs).toISOString()}`);
  console.log(
    `messages      ${store.messagesRemoved} removed, ${store.messagesRewritten} written anew without the person`,
  );
  console.log(`records       ${store.recordsRemoved} removed`);
  console.log(`signal        ${store.signalSamples} samples removed`);
  console.log(`captures      ${store.capturePackets} packets removed`);
  console.log(`audit log     ${store.auditKeys} keys destroyed`);
  for (const { serial, outcome } of agents) console.log(`${serial.padEnd(13)} ${outcome}`);
  console.log(`backups       ${backups}`);
}

/** `airherd privacy erase`: prints the certificate. */
export function privacyErase(group: Command): void {
  withSubjectFlags(group.command('erase'))
    .description('erase a person: store, log, captures, outboxes of devices; prints the certificate')
    .option('--json', 'print JSON')
    .action(async (options: SubjectFlags & { json?: boolean }) => {
      const body = { subject: subjectOf(options) };
      const api = await openCloudApi(options);
      const path = `/api/airherd/v1/orgs/${await api.organisation(options.org)}/subjects/erase`;
      const certificate = await api.json<ErasureCertificate>(path, {
        method: 'POST',
        body,
        timeoutMs: 600_000,
      });
      if (options.json) console.log(JSON.stringify(certificate, null, 2));
      else print(certificate);
    });
}
