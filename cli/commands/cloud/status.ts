import type { Command } from 'commander';
import type { CloudStatus } from '../../../cloud-stub/api/status.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { openCloudApi } from '../../cloud-api.ts';
import { airherdHome } from '../../home.ts';

async function readStatus(dir: string): Promise<CloudStatus> {
  const api = await openCloudApi({});
  try {
    return await api.json<CloudStatus>('/api/airherd/v1/status');
  } catch (error) {
    // A cloud that was killed leaves its file behind: whether it answers is what counts.
    const gone = error instanceof AirherdError && error.code === 'cloud-unreachable';
    throw gone ? new AirherdError('cloud-not-running', { path: dir }) : error;
  }
}

function print(status: CloudStatus): void {
  const { devices, messages, purged, refusals, store } = status;
  const { manufactured, claimed, revoked, connected } = devices;
  console.log(
    `running      ${Math.round(status.uptimeMs / 1000)} s, device link on port ${status.devicePort}`,
  );
  console.log(
    `devices      ${connected} connected, ${claimed} claimed, ${manufactured} manufactured, ${revoked} revoked`,
  );
  console.log(
    `messages     ${messages.stored} stored, ${messages.duplicates} duplicates discarded, ${messages.withheld} withheld`,
  );
  console.log(`purged       ${purged.messages} messages, ${purged.records} records past their time`);
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
