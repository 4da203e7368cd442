import type { Random } from '../../platform/ports/random.ts';
import { type EraseOptions, eraseSubject } from '../privacy/erase.ts';
import type { GuestDevice, Guests } from './guests.ts';
import type { Portal } from './portals.ts';

/**
 * What a guest may have deleted without anybody's help: the record of this portal, and what was observed of the
 * device that asks. An e-mail address that somebody typed proves nothing, and so erases nothing of others.
 */
export async function eraseGuest(
  options: EraseOptions & { random: Random },
  portal: Portal,
  device: GuestDevice,
  guests: Guests,
  nowMs: number,
): Promise<{ records: number; messages: number }> {
  const { stores, random } = options;
  const store = stores.of(portal.orgId);
  const records = stores.write(() => guests.remove(device)) ? 1 : 0;
  let certificate: Awaited<ReturnType<typeof eraseSubject>> | null = null;
  if (device.mac) {
    const value = Buffer.from(device.mac).toString('hex');
    certificate = await eraseSubject(options, portal.orgId, { kind: 'mac', value });
  } else store.upkeep.reclaim(1_000_000);
  stores.write(() =>
    store.audit.append(
      {
        actor: { id: `guest-${random.bytes(6).toString('hex')}`, name: 'a guest', address: '' },
        action: 'guest erase',
        outcome: 'done',
        siteId: portal.siteId,
        detail: { after: certificate?.store ?? null },
      },
      nowMs,
    ),
  );
  const { messagesRemoved = 0, messagesRewritten = 0, recordsRemoved = 0 } = certificate?.store ?? {};
  return { records: records + recordsRemoved, messages: messagesRemoved + messagesRewritten };
}
