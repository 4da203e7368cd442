import { nodeClock } from '../../../../platform/node/clock.ts';
import { sleep } from '../../../../platform/ports/clock.ts';
import { AirherdError } from '../../../../protocol/errors.ts';
import type { CloudApi } from '../../../cloud-api.ts';
import { pathOf, type Shown } from './shown.ts';

const LOOK_MS = 200;
/** Beyond the confirm-timeout: to log in again under the settings before. */
const PATIENCE_MS = 60_000;

/**
 * Waits until the device has said how the version ended that `pushed` tells of.
 * Throws configuration-failed for one that it refused or rolled back; device-offline when it says nothing.
 */
export async function settled(api: CloudApi, pushed: Shown): Promise<Shown> {
  const { serial, version, confirmTimeoutS = 0 } = pushed;
  const endMs = nodeClock.monoMs() + confirmTimeoutS * 1000 + PATIENCE_MS;
  console.error(`airherd: waiting for ${serial}, which has ${confirmTimeoutS} s to reach the cloud with it`);
  for (;;) {
    const shown = await api.json<Shown>(pathOf(serial));
    // Somebody else set a newer one: that one is theirs to wait for.
    if (shown.version !== version || shown.state === 'confirmed') return shown;
    if (shown.state === 'refused' || shown.state === 'rolled-back') {
      const { state, problems } = shown;
      throw new AirherdError('configuration-failed', { serial, version, state, detail: problems.join('; ') });
    }
    if (nodeClock.monoMs() > endMs) throw new AirherdError('device-offline', { serial });
    await sleep(nodeClock, LOOK_MS);
  }
}

export interface WaitFlags {
  wait?: boolean;
  json?: boolean;
}

/** Says what became of a version that was set just now. */
export async function conclude(api: CloudApi, pushed: Shown, { wait, json }: WaitFlags): Promise<void> {
  const waits = wait !== false && pushed.isConnected;
  const shown = waits ? await settled(api, pushed) : pushed;
  if (json) console.log(JSON.stringify(shown, null, 2));
  else if (shown.state === 'confirmed')
    console.log(`${shown.serial}: configuration ${shown.version} is confirmed`);
  else if (pushed.isConnected) console.log(`${shown.serial}: configuration ${shown.version} is on its way`);
  else console.log(`${shown.serial}: configuration ${shown.version} is there when the device connects`);
}
