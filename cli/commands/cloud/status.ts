import type { Command } from 'commander';
import type { CloudStatus } from '../../../cloud-stub/api/status.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { sleep } from '../../../platform/ports/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { openCloudApi } from '../../cloud-api.ts';
import { parseDuration } from '../../duration.ts';
import { airherdHome } from '../../home.ts';

const RETRY_MS = 200;

/** Asks until there is an answer, or `waitMs` are over: a cloud takes a moment to start. */
async function waitForStatus(dir: string, waitMs: number): Promise<CloudStatus> {
  const deadlineMs = nodeClock.monoMs() + waitMs;
  for (;;) {
    try {
      return await readStatus(dir);
    } catch (error) {
      if (!(error instanceof AirherdError) || error.code !== 'cloud-not-running') throw error;
      if (nodeClock.monoMs() >= deadlineMs) throw error;
      await sleep(nodeClock, RETRY_MS);
    }
  }
}

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
    .option('--wait <duration>', 'for a cloud that is being started: how long, such as 30s', parseDuration)
    .option('--json', 'print JSON')
    .action(async (options: { wait?: number; json?: boolean }) => {
      const found = await waitForStatus(airherdHome().cloud, options.wait ?? 0);
      if (options.json) console.log(JSON.stringify(found, null, 2));
      else print(found);
    });
}
