import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { FIRMWARE_FILE, openFirmwareDatabase } from '../firmware/service.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import { REGISTRY_MIGRATIONS } from '../registry/schema.ts';
import { swapIn, unpackBackup, writeBackup } from '../store/backup.ts';
import { openDatabase } from '../store/database.ts';
import { readKeyring, rootKey, writeKeyring } from '../store/keyring.ts';
import { lockFolder } from '../store/lock.ts';
import { masterKey } from '../store/master-key.ts';
import { type OrgStore, openOrgStore } from '../store/org-store.ts';
import { STORE_MIGRATIONS } from '../store/schema.ts';
import { subkey } from '../store/seal.ts';
import type { Stores } from '../store/stores.ts';
import { without } from './admit.ts';
import { mentions } from './mentions.ts';
import { purgeStep } from './retention.ts';

export interface PlaceOptions {
  dir: string;
  clock: Clock;
  random: Random;
  /** 32 bytes; those in the folder's `master.key` unless given. */
  masterKey?: Buffer;
}

const orgFile = (dir: string, orgId: string): string => join(dir, 'orgs', `${orgId}.db`);

function eachStore(
  { dir, random }: Pick<PlaceOptions, 'dir' | 'random'>,
  registry: Registry,
  visit: (store: OrgStore) => void,
): void {
  for (const { id: orgId } of registry.organisations.list()) {
    const path = orgFile(dir, orgId);
    if (!existsSync(path)) continue;
    const store = openOrgStore({ path, orgId, keys: registry.orgKeys.keys(orgId), random });
    try {
      visit(store);
    } finally {
      store.close();
    }
  }
}

/** Copies all state but the master key into one sealed file; a cloud may be running. */
export function backup(path: string, options: PlaceOptions): { files: number; bytes: number } {
  const { dir, clock, random } = options;
  const master = options.masterKey ?? masterKey(dir, random);
  const registry = openRegistry(dir, { clock, random, masterKey: master });
  const opened: { name: string; db: ReturnType<typeof openDatabase> }[] = [];
  try {
    const root = rootKey(dir, master, random);
    const keyring = readKeyring(dir);
    if (!keyring) throw new TypeError('rootKey makes it');
    opened.push({
      name: 'registry.db',
      db: openDatabase(join(dir, 'registry.db'), subkey(root, 'registry'), REGISTRY_MIGRATIONS),
    });
    if (existsSync(join(dir, FIRMWARE_FILE))) {
      opened.push({ name: FIRMWARE_FILE, db: openFirmwareDatabase(dir, root) });
    }
    for (const orgId of registry.organisations.withStores()) {
      const file = orgFile(dir, orgId);
      if (!existsSync(file)) continue;
      const { file: key } = registry.orgKeys.keys(orgId);
      opened.push({ name: `orgs/${orgId}.db`, db: openDatabase(file, key, STORE_MIGRATIONS) });
    }
    const made = writeBackup(path, { keyring, root, databases: opened }, { random, nowMs: clock.wallMs() });
    registry.backups.add(resolve(path), clock.wallMs());
    return made;
  } finally {
    for (const { db } of opened) db.close();
    registry.close();
  }
}

export interface Restored {
  madeMs: number;
  organisations: number;
  /** Erasures since, and organisations destroyed since, that hold in what was restored. */
  erasures: number;
  destroyed: number;
}

/** Who was erased here stays so: known before anything is replaced. */
interface Forgotten {
  byOrg: Map<string, Erasures>;
  destroyed: string[];
}
interface Erasures {
  tombstones: ReturnType<OrgStore['subjects']['tombstones']>;
  messages: ReturnType<OrgStore['subjects']['erasedMessages']>;
}

/** Throws store-in-use while a cloud runs; nothing is replaced unless all of the backup opens. */
export function restore(path: string, options: PlaceOptions): Restored {
  const { dir, clock, random } = options;
  const master = options.masterKey ?? masterKey(dir, random);
  const unlock = lockFolder(dir);
  const folder = join(dir, 'restore.tmp');
  try {
    rmSync(folder, { recursive: true, force: true });
    const isThere = existsSync(join(dir, 'registry.db'));
    const forgotten: Forgotten = { byOrg: new Map(), destroyed: [] };
    if (isThere) {
      const registry = openRegistry(dir, { clock, random, masterKey: master });
      try {
        forgotten.destroyed = registry.organisations.destroyed().map(({ id }) => id);
        eachStore(options, registry, ({ orgId, subjects }) => {
          const messages = subjects.erasedMessages();
          forgotten.byOrg.set(orgId, { tombstones: subjects.tombstones(), messages });
        });
      } finally {
        registry.close();
      }
    }
    const known = isThere ? rootKey(dir, master, random) : null;
    const { madeMs, root } = unpackBackup(path, folder, { master, root: known });
    writeKeyring(folder, root, master, random);
    const registry = openRegistry(folder, { clock, random, masterKey: master });
    const result: Restored = { madeMs, organisations: 0, erasures: 0, destroyed: 0 };
    try {
      for (const orgId of forgotten.destroyed) {
        if (!registry.organisations.find(orgId)) continue;
        registry.organisations.destroy(orgId);
        rmSync(orgFile(folder, orgId), { force: true });
        result.destroyed++;
      }
      result.organisations = registry.organisations.list().length;
      eachStore({ dir: folder, random }, registry, (store) => {
        const erasures = forgotten.byOrg.get(store.orgId);
        if (erasures) result.erasures += eraseAgain(store, erasures);
      });
    } finally {
      registry.close();
    }
    writeKeyring(dir, root, master, random);
    swapIn(dir, folder);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    unlock();
  }
}

export interface ClearedBackups {
  /** Written anew without those who were erased and what is past its time. */
  rewritten: number;
  /** Known and no longer there. */
  gone: number;
  /** That could not be written anew, with the reason. */
  failed: { path: string; detail: string }[];
}

/**
 * Has those who were erased here forgotten in the backups that this cloud wrote on this machine, and organisations
 * that were destroyed. A backup keeps its name; until it is replaced by one rename, the old one is there.
 */
export function clearBackups(options: PlaceOptions & { registry: Registry; stores: Stores }): ClearedBackups {
  const { dir, clock, random, registry, stores } = options;
  const master = options.masterKey ?? masterKey(dir, random);
  const known = rootKey(dir, master, random);
  const result: ClearedBackups = { rewritten: 0, gone: 0, failed: [] };
  for (const { path } of registry.backups.list()) {
    if (!existsSync(path)) {
      registry.backups.forget(path);
      result.gone++;
      continue;
    }
    const folder = join(dir, 'backup.tmp');
    rmSync(folder, { recursive: true, force: true });
    try {
      const { root } = unpackBackup(path, folder, { master, root: known });
      writeKeyring(folder, root, master, random);
      const place = { dir: folder, clock, random, masterKey: master };
      const copy = openRegistry(folder, { clock, random, masterKey: master });
      try {
        for (const { id } of copy.organisations.list()) {
          if (registry.organisations.find(id)) continue;
          copy.organisations.destroy(id);
          rmSync(orgFile(folder, id), { force: true });
        }
        copy.reclaim();
        eachStore(place, copy, (store) => {
          const { subjects } = stores.of(store.orgId);
          const messages = subjects.erasedMessages();
          eraseAgain(store, { tombstones: subjects.tombstones(), messages });
          const settings = registry.privacy.of(store.orgId);
          for (;;) {
            const { messages: some, records } = purgeStep(store, settings, clock.wallMs());
            if (some + records === 0) break;
          }
          store.upkeep.reclaim(1_000_000);
        });
      } finally {
        copy.close();
      }
      backup(path, place);
      result.rewritten++;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      result.failed.push({ path, detail });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return result;
}

/** Applies the tombstones of a newer state to an older one; how many there were. */
function eraseAgain(store: OrgStore, { tombstones, messages }: Erasures): number {
  const { subjects, upkeep } = store;
  const addressed = new Set(messages.map(addressOf));
  store.transaction(() => {
    for (const { subject, erasedMs, certificate } of tombstones)
      subjects.erase(subject, erasedMs, certificate);
    for (const address of messages) subjects.eraseMessage(address);
    const isErased = (record: object) =>
      mentions(record).some(({ kind, value }) => subjects.erasedMs(subjects.indexOf(kind, value)) !== null);
    for (let id = 0; ; ) {
      const some = upkeep.messagesAfter(id, 250);
      if (some.length === 0) break;
      id = some[some.length - 1].id;
      for (const stored of some) {
        const { message } = stored;
        if (message.kind === 'gap') continue;
        const rest = without(message, isErased);
        if (rest === message && !addressed.has(addressOf(stored))) continue;
        // Of packets and free text only the name tells whose they are, and that is no longer known.
        if (rest === null || rest === message) upkeep.removeMessage(stored);
        else upkeep.rewriteMessage(stored, rest);
      }
    }
    const rows = upkeep.stateRows(null, Number.MAX_SAFE_INTEGER);
    for (const row of rows) if (isErased(row.value)) upkeep.removeState(row);
  });
  upkeep.reclaim(1_000_000);
  return tombstones.length;
}

const addressOf = (address: { serial: string; bootId: Uint8Array; stream: string; seq: number }): string =>
  `${address.serial} ${Buffer.from(address.bootId).toString('hex')} ${address.stream} ${address.seq}`;
