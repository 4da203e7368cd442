import type { Commands } from '../broker/commands.ts';
import type { Session } from '../broker/session.ts';
import type { Stores } from '../store/stores.ts';

/**
 * A device that was away when somebody was erased is told to forget everybody: no name was kept to tell it. Until it
 * has answered, nothing of the erased is taken from it, whenever it was made.
 */
export async function forgetOnReturn(
  { stores, commands }: { stores: Stores; commands: Pick<Commands, 'send'> },
  { serial, standing }: Pick<Session, 'serial' | 'standing'>,
): Promise<void> {
  const store = stores.of(standing.orgId);
  const erasedMs = store.subjects.untoldMs(serial);
  if (erasedMs === null) return;
  const { ok } = await commands.send(serial, 'erase-subject', { kind: 'anyone' });
  // Somebody else may have been erased meanwhile, with the same answer still to come.
  if (!ok || store.subjects.untoldMs(serial) !== erasedMs) return;
  stores.write(() => store.transaction(() => store.subjects.told(serial)));
}
