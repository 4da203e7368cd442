import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readKeyring } from '../../cloud-stub/store/keyring.ts';
import { type Finding, Findings } from './finding.ts';

const OTHERS = 0o077;

export interface Folders {
  /** Keys and stores of the cloud. */
  cloud: string;
  /** The manufacturing authority. */
  ca: string;
}

/** Who may read what rests on this machine, and where the master key is. `source`: as the cloud was told. */
export function checkFiles({ cloud, ca }: Folders, source: string): Finding[] {
  const findings = new Findings('files');
  for (const [id, folder] of [
    ['cloud', cloud],
    ['authority', ca],
  ] as const) {
    if (!existsSync(folder)) continue;
    const open = exposed(folder);
    findings.must(
      id,
      open.length === 0,
      `${folder}: only their owner may read the files`,
      `others may read ${open.slice(0, 5).join(', ')}${open.length > 5 ? ` and ${open.length - 5} more` : ''}`,
      `chmod -R go= ${folder}`,
    );
  }
  checkMaster(cloud, source, findings);
  return findings.all;
}

function exposed(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = [folder, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  return paths.filter((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found !== undefined && (found.mode & OTHERS) !== 0;
  });
}

function checkMaster(cloud: string, source: string, findings: Findings): void {
  const isHere = existsSync(join(cloud, 'master.key'));
  if (source === 'folder') {
    findings.advice(
      'master-key',
      'the master key lies beside what it protects',
      'keep it elsewhere: AIRHERD_MASTER_KEY_FROM=file:… or command:…, and airherd cloud rotate-master --to …',
    );
  } else if (isHere) {
    findings.advice(
      'master-key',
      `the master key comes from ${source}, and one lies in the folder all the same`,
      `once the other is in use: airherd cloud rotate-master --settle, and remove ${join(cloud, 'master.key')}`,
    );
  } else findings.ok('master-key', `the master key comes from ${source}`);
  const wrapped = readKeyring(cloud)?.wrapped.length ?? 0;
  if (wrapped > 1) {
    findings.advice(
      'rotation',
      `${wrapped} master keys open the keyring: a rotation is not finished`,
      'airherd cloud rotate-master --settle',
    );
  }
}
