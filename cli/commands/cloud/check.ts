import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { CloudConfiguration } from '../../../cloud-stub/configuration.ts';
import type { OpenListener } from '../../../cloud-stub/listeners.ts';
import { REGIONS } from '../../../cloud-stub/regions/regions.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import {
  type ApiFlags,
  type CloudApi,
  cloudOnThisMachine,
  openCloudApi,
  withApiFlags,
} from '../../cloud-api.ts';
import { type CheckOptions, checkCloud } from '../../cloud-check/check.ts';
import type { Finding, Level } from '../../cloud-check/finding.ts';
import { airherdHome, cloudOf } from '../../home.ts';
import { printable } from '../../printable.ts';
import { readOperatorFile } from './operator-file.ts';

interface Options extends ApiFlags {
  json?: boolean;
  quiet?: boolean;
}

const MARK: Record<Level, string> = { ok: 'ok    ', advice: 'advice', wrong: 'WRONG ' };
const ALL_ADDRESSES = ['0.0.0.0', '::'];

/** The cloud on this machine, or the one that is named. */
async function target(api: CloudApi, flags: ApiFlags): Promise<Omit<CheckOptions, 'api' | 'nowMs'>> {
  if (flags.cloud !== undefined) {
    const { host } = api.address;
    const trustPem = flags.ca === undefined ? [] : [readFileSync(flags.ca, 'utf8')];
    return { trustPem, host: () => host, serverName: host, local: null };
  }
  const { root, cloud, ca } = airherdHome();
  const file = await readOperatorFile(cloud);
  if (!file) throw new AirherdError('cloud-not-running', { path: cloud });
  return {
    trustPem: [file.trustPem],
    host: ({ host }) => (ALL_ADDRESSES.includes(host) ? '127.0.0.1' : host),
    serverName: 'localhost',
    local: { pid: file.pid, folders: { cloud, ca }, beside: await listenersBeside(root, cloud, file.pid) },
  };
}

/** One process may run several regions: what the others listen on is documented as well. */
async function listenersBeside(root: string, own: string, pid: number): Promise<OpenListener[]> {
  const found: OpenListener[] = [];
  for (const dir of REGIONS.map((region) => cloudOf(root, region)).filter((one) => one !== own)) {
    const file = await readOperatorFile(dir);
    if (file?.pid !== pid) continue;
    const { listeners } = await cloudOnThisMachine(file).json<CloudConfiguration>(
      '/api/airherd/v1/configuration',
    );
    found.push(...listeners);
  }
  return found;
}

function print(findings: readonly Finding[], quiet: boolean): void {
  for (const { level, area, text, mend } of findings) {
    if (quiet && level === 'ok') continue;
    console.log(printable(`${MARK[level]}  ${area}: ${text}`));
    if (mend !== null) console.log(printable(`        mend: ${mend}`));
  }
}

/** `airherd cloud check`. */
export function check(group: Command): void {
  withApiFlags(
    group
      .command('check')
      .description(
        'audits a running cloud: listeners, certificates, ports, files, settings; says what to mend',
      )
      .option('--quiet', 'print only what is not in order')
      .option('--json', 'print JSON'),
  )
    .addHelpText('after', '\nExit code 1 when something is wrong; advice alone is 0.')
    .action(async ({ json, quiet = false, ...flags }: Options) => {
      const api = await openCloudApi(flags);
      const found: Finding[] = [];
      for await (const some of checkCloud({ ...(await target(api, flags)), api, nowMs: Date.now() })) {
        found.push(...some);
        if (!json) print(some, quiet);
      }
      const count = (level: Level) => found.filter((finding) => finding.level === level).length;
      const wrong = count('wrong');
      if (json) console.log(JSON.stringify({ ok: wrong === 0, findings: found }, null, 2));
      else
        console.log(`${found.length} checks: ${count('ok')} ok, ${count('advice')} advice, ${wrong} wrong`);
      if (wrong > 0) throw new AirherdError('cloud-unsafe', { wrong, checks: found.length });
    });
}
