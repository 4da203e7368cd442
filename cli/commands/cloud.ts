import type { Command } from 'commander';
import { audit } from './cloud/audit.ts';
import { backupAndRestore } from './cloud/backup.ts';
import { check } from './cloud/check.ts';
import { ingest } from './cloud/ingest.ts';
import { orgKey } from './cloud/org-key.ts';
import { rotateMaster } from './cloud/rotate-master.ts';
import { run } from './cloud/run.ts';
import { status } from './cloud/status.ts';
import { support } from './cloud/support.ts';

/** `airherd cloud [run]`, `airherd cloud status`. */
export function cloud(program: Command): void {
  const group = program
    .command('cloud')
    .description('the cloud that devices prove themselves to')
    .addHelpText('after', '\nPorts and other options: airherd cloud run --help');
  run(group);
  ingest(group);
  status(group);
  check(group);
  backupAndRestore(group);
  rotateMaster(group);
  orgKey(group);
  audit(group);
  support(group);
}
