import { request } from 'node:https';
import type { Command } from 'commander';
import type { CloudStatus } from '../../../cloud-stub/api/status.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { airherdHome } from '../../home.ts';
import { type OperatorFile, readOperatorFile } from './operator-file.ts';

const TIMEOUT_MS = 5000;

function ask(file: OperatorFile, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port: file.apiPort,
        path,
        ca: file.trustPem,
        agent: false,
        timeout: TIMEOUT_MS,
        headers: { authorization: `Token ${file.token}` },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function readStatus(dir: string): Promise<CloudStatus> {
  const file = await readOperatorFile(dir);
  // A cloud that was killed leaves its file behind: whether it answers is what counts.
  const answer = file && (await ask(file, '/api/airherd/v1/status').catch(() => null));
  if (!answer) throw new AirherdError('cloud-not-running', { path: dir });
  if (answer.status !== 200) {
    throw new AirherdError('internal', { detail: `the API answered ${answer.status}` });
  }
  return JSON.parse(answer.body);
}

function print(status: CloudStatus): void {
  const { devices, messages, refusals, store } = status;
  const { manufactured, claimed, revoked, connected } = devices;
  console.log(
    `running      ${Math.round(status.uptimeMs / 1000)} s, device link on port ${status.devicePort}`,
  );
  console.log(
    `devices      ${connected} connected, ${claimed} claimed, ${manufactured} manufactured, ${revoked} revoked`,
  );
  console.log(`messages     ${messages.stored} stored, ${messages.duplicates} duplicates discarded`);
  console.log(`store        ${store}`);
  const refused = Object.entries(refusals).map(([code, count]) => `${code} ${count}`);
  console.log(`refusals     ${refused.join(', ') || 'none'}`);
}

export function status(group: Command): void {
  group
    .command('status')
    .description('what the cloud on this machine is doing')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const found = await readStatus(airherdHome().cloud);
      if (options.json) console.log(JSON.stringify(found, null, 2));
      else print(found);
    });
}
