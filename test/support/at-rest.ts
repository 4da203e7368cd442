import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '../../cloud-stub/index.ts';
import { UNCLAIMED_ORG } from '../../cloud-stub/registry/organisations.ts';
import { REGISTRY_MIGRATIONS } from '../../cloud-stub/registry/schema.ts';
import { blob, type Db, openDatabase } from '../../cloud-stub/store/database.ts';
import { rootKey } from '../../cloud-stub/store/keyring.ts';
import { masterKey } from '../../cloud-stub/store/master-key.ts';
import { STORE_MIGRATIONS } from '../../cloud-stub/store/schema.ts';
import { subkey } from '../../cloud-stub/store/seal.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { encode } from '../../protocol/codec.ts';

/** Bytes of every file below `dir`, as they are on the disk, by path. */
export function rawFiles(dir: string): Map<string, Buffer> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name))]),
  );
}

const storeFile = (cloud: Cloud, dir: string, orgId: string): Db => {
  const key = subkey(cloud.registry.organisations.key(orgId), 'file');
  return openDatabase(join(dir, 'orgs', `${orgId}.db`), key, STORE_MIGRATIONS);
};

/** One column of all rows; the file is closed again. */
function allOf(db: Db, query: string, column: string): Buffer[] {
  try {
    return db
      .prepare(query)
      .all()
      .map((row) => blob(row[column]));
  } finally {
    db.close();
  }
}

/** Every page of an organisation's file, the free ones too, without the file's cipher. */
export function storePages(cloud: Cloud, dir: string, orgId: string): Buffer {
  return Buffer.concat(allOf(storeFile(cloud, dir, orgId), 'SELECT data FROM sqlite_dbpage', 'data'));
}

/** Sealed values as they rest: found in a page, they could be opened with a key that exists. */
export function sealedRows(cloud: Cloud, dir: string, orgId: string): Buffer[] {
  return allOf(
    storeFile(cloud, dir, orgId),
    'SELECT sealed FROM messages UNION ALL SELECT sealed FROM state',
    'sealed',
  );
}

/** All that the stores hold, opened with every key that there is: messages, records, the audit log. */
export function openedStores(cloud: Cloud): Buffer {
  const parts: Uint8Array[] = [];
  for (const { id: orgId } of [{ id: UNCLAIMED_ORG }, ...cloud.registry.organisations.list()]) {
    const store = cloud.stores.of(orgId);
    for (let id = 0; ; ) {
      const messages = store.upkeep.messagesAfter(id, 500);
      if (messages.length === 0) break;
      id = messages[messages.length - 1].id;
      parts.push(...messages.map(({ message }) => encode(message)));
    }
    parts.push(...store.upkeep.stateRows(null, 100_000).map(({ value }) => encode(value)));
    parts.push(Buffer.from(JSON.stringify(store.audit.list({ limit: 100_000, offset: 0 }))));
  }
  return Buffer.concat(parts);
}

/** Every page of a cloud's registry without the file's cipher. */
export function registryPages(dir: string): Buffer {
  const root = rootKey(dir, masterKey(dir, nodeRandom), nodeRandom);
  const db = openDatabase(join(dir, 'registry.db'), subkey(root, 'registry'), REGISTRY_MIGRATIONS);
  return Buffer.concat(allOf(db, 'SELECT data FROM sqlite_dbpage', 'data'));
}
