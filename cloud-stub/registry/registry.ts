import { join } from 'node:path';
import type { RegistryEntry, RegistrySink } from '../../certs/registry-entry.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { type Portals, portals } from '../portal/portals.ts';
import { type Consents, consents } from '../privacy/consents.ts';
import { type SettingsStore, settingsStore } from '../privacy/settings-store.ts';
import { type RegionRecord, regionRecord } from '../regions/region-record.ts';
import type { RegionName } from '../regions/regions.ts';
import { blob, number, openDatabase } from '../store/database.ts';
import { rootKey } from '../store/keyring.ts';
import { masterKey } from '../store/master-key.ts';
import { associated, blindIndex, seal, subkey, unseal } from '../store/seal.ts';
import { type KnownBackups, knownBackups } from './backups.ts';
import { DEVICE_COLUMNS, type DeviceRecord, deviceRecord } from './device.ts';
import { type DeviceConfigurations, deviceConfigurations } from './device-configurations.ts';
import type { DeviceRole } from './device-roles.ts';
import { type KeyRotation, keyRotation } from './key-rotation.ts';
import { type OrgKeyring, orgKeyring } from './org-key-rotation.ts';
import { type Organisations, organisations } from './organisations.ts';
import { REGISTRY_MIGRATIONS } from './schema.ts';
import { type SecurityEvents, securityEvents } from './security-events.ts';
import { type Tokens, tokens } from './tokens.ts';
import { type Users, users } from './users.ts';

export interface DeviceKeys {
  deviceProof: Buffer;
  cloudProof: Buffer;
}

export interface AdoptedDevice extends Pick<DeviceRecord, 'serial' | 'kind' | 'model' | 'mac' | 'revokedMs'> {
  keys: DeviceKeys;
  certificates: { sha256: Buffer; notAfterMs: number }[];
}

export interface ClaimRequest {
  serial?: string;
  claimCode?: string;
  orgId: string;
  siteId: string;
}

/** Manufactured, claimed and revoked devices; organisations and sites. Many processes may have it open. */
export interface Registry extends RegistrySink {
  /** Enters devices, or replaces their keys and certificate; a claim and a revocation stay. */
  add(entries: RegistryEntry[]): Promise<void>;
  find(serial: string): DeviceRecord | null;
  findByClaimCode(claimCode: string): DeviceRecord | null;
  /** A device as another region's registry takes it over: certificates that may log in, keys of the proof. */
  entry(serial: string): AdoptedDevice | null;
  /** Enters a device that another region's registry knows. Without its claim code only its serial claims it. */
  adopt(device: AdoptedDevice, claimCode: string | null): void;
  list(filter?: { orgId?: string; siteId?: string }): DeviceRecord[];
  /** Null when the device is unknown. Throws store-damaged when the master key does not open them. */
  keys(serial: string): DeviceKeys | null;
  claim(request: ClaimRequest): DeviceRecord;
  revoke(serial: string): DeviceRecord;
  /** Reaches the live session like a change of the organisation's settings. */
  assign(serial: string, role: DeviceRole): DeviceRecord;
  /** Whether this certificate (SHA-256 of its DER) may log in as `serial`. */
  knowsCertificate(serial: string, sha256: Uint8Array): boolean;
  /** A renewed certificate: the ones before it hold until it has logged in once. */
  addCertificate(serial: string, sha256: Uint8Array, notAfterMs: number): void;
  /** The certificate has logged in: those issued before it are void. */
  settleCertificate(serial: string, sha256: Uint8Array): void;
  readonly rotation: KeyRotation;
  readonly organisations: Organisations;
  readonly tokens: Tokens;
  readonly users: Users;
  readonly events: SecurityEvents;
  readonly privacy: SettingsStore;
  readonly orgKeys: OrgKeyring;
  readonly consents: Consents;
  readonly region: RegionRecord;
  readonly portals: Portals;
  readonly backups: KnownBackups;
  readonly configurations: DeviceConfigurations;
  /** What was deleted is gone from the file. */
  reclaim(): boolean;
  /** Changes whenever any process changed the registry. */
  version(): number;
  close(): void;
}

export interface RegistryOptions {
  random: Random;
  clock: Clock;
  /** 32 bytes; those in the folder's `master.key` unless given. */
  masterKey?: Buffer;
  /** Of a folder that is new; else it must be this one. */
  region?: RegionName;
}

/** Opens `registry.db` in `dir`, making it and the master key when there are none. */
export function openRegistry(dir: string, options: RegistryOptions): Registry {
  const { random, clock } = options;
  const master = rootKey(dir, options.masterKey ?? masterKey(dir, random), random);
  const wrap = subkey(master, 'wrap');
  const index = subkey(master, 'index');
  const path = join(dir, 'registry.db');
  const db = openDatabase(path, subkey(master, 'registry'), REGISTRY_MIGRATIONS);
  let ownChanges = 0;
  const changed = <T>(work: () => T): T => {
    const result = db.transaction(work);
    ownChanges++;
    return result;
  };

  let region: RegionRecord;
  try {
    region = regionRecord(db, path, options.region, changed);
  } catch (error) {
    db.close();
    throw error;
  }

  const claimHash = (code: string) => blindIndex(index, 'claim', code.trim().toUpperCase());
  const wrapKey = (serial: string, purpose: string, key: Uint8Array) =>
    seal(random, wrap, key, associated('device', serial, purpose));
  const unwrapKey = (serial: string, purpose: string, sealed: unknown): Buffer => {
    const key = unseal(wrap, blob(sealed), associated('device', serial, purpose));
    if (!key) throw new AirherdError('store-damaged', { path, detail: `the keys of ${serial} do not open` });
    return key;
  };

  const insertDevice = db.prepare(
    `INSERT INTO devices (serial, kind, model, mac, claim_hash, device_key, cloud_key, created_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (serial) DO UPDATE SET kind = excluded.kind,
     model = excluded.model, mac = excluded.mac, claim_hash = excluded.claim_hash,
     device_key = excluded.device_key, cloud_key = excluded.cloud_key`,
  );
  const dropCertificates = db.prepare('DELETE FROM certificates WHERE serial = ?');
  const insertCertificate = db.prepare(
    `INSERT OR IGNORE INTO certificates (sha256, serial, issue, not_after_ms)
     VALUES (?1, ?2, (SELECT coalesce(max(issue), 0) + 1 FROM certificates WHERE serial = ?2), ?3)`,
  );
  const selectDevice = db.prepare(`SELECT ${DEVICE_COLUMNS} FROM devices WHERE serial = ?`);
  const selectByCode = db.prepare(`SELECT ${DEVICE_COLUMNS} FROM devices WHERE claim_hash = ?`);
  const selectKeys = db.prepare('SELECT device_key, cloud_key FROM devices WHERE serial = ?');
  const selectCertificate = db.prepare('SELECT issue FROM certificates WHERE serial = ? AND sha256 = ?');
  const selectOlder = db.prepare('SELECT 1 FROM certificates WHERE serial = ? AND issue < ? LIMIT 1');
  const dropOlder = db.prepare('DELETE FROM certificates WHERE serial = ? AND issue < ?');
  const claimDevice = db.prepare(
    'UPDATE devices SET org_id = ?, site_id = ?, claimed_ms = coalesce(claimed_ms, ?) WHERE serial = ?',
  );
  const revokeDevice = db.prepare('UPDATE devices SET revoked_ms = coalesce(revoked_ms, ?) WHERE serial = ?');

  const find = (serial: string): DeviceRecord | null => {
    const row = selectDevice.get(serial);
    return row ? deviceRecord(row) : null;
  };
  const known = (serial: string): DeviceRecord => {
    const device = find(serial);
    if (!device) throw new AirherdError('device-unknown', { serial });
    return device;
  };

  return {
    async add(entries) {
      changed(() => {
        for (const entry of entries) {
          insertDevice.run(
            entry.serial,
            entry.kind,
            entry.model,
            entry.mac,
            claimHash(entry.claimCode),
            wrapKey(entry.serial, 'device-proof', entry.keys.deviceProof),
            wrapKey(entry.serial, 'cloud-proof', entry.keys.cloudProof),
            clock.wallMs(),
          );
          dropCertificates.run(entry.serial);
          insertCertificate.run(entry.certificateSha256, entry.serial, entry.notAfterMs);
        }
      });
    },
    region,
    find,
    findByClaimCode(claimCode) {
      const row = selectByCode.get(claimHash(claimCode));
      return row ? deviceRecord(row) : null;
    },
    entry(serial) {
      const device = find(serial);
      const row = selectKeys.get(serial);
      if (!device || !row) return null;
      const { kind, model, mac, revokedMs } = device;
      const certificates = db
        .prepare('SELECT sha256, not_after_ms FROM certificates WHERE serial = ? ORDER BY issue')
        .all(serial)
        .map(({ sha256, not_after_ms: notAfterMs }) => ({
          sha256: blob(sha256),
          notAfterMs: number(notAfterMs),
        }));
      const keys = {
        deviceProof: unwrapKey(serial, 'device-proof', row.device_key),
        cloudProof: unwrapKey(serial, 'cloud-proof', row.cloud_key),
      };
      return { serial, kind, model, mac, revokedMs, keys, certificates };
    },
    adopt: ({ serial, kind, model, mac, revokedMs, keys, certificates }, claimCode) =>
      changed(() => {
        insertDevice.run(
          serial,
          kind,
          model,
          mac,
          claimCode === null ? random.bytes(16) : claimHash(claimCode),
          wrapKey(serial, 'device-proof', keys.deviceProof),
          wrapKey(serial, 'cloud-proof', keys.cloudProof),
          clock.wallMs(),
        );
        for (const { sha256, notAfterMs } of certificates) insertCertificate.run(sha256, serial, notAfterMs);
        if (revokedMs !== null) revokeDevice.run(revokedMs, serial);
      }),
    list({ orgId, siteId } = {}) {
      const rows = db
        .prepare(
          `SELECT ${DEVICE_COLUMNS} FROM devices
           WHERE (?1 IS NULL OR org_id = ?1) AND (?2 IS NULL OR site_id = ?2) ORDER BY serial`,
        )
        .all(orgId ?? null, siteId ?? null);
      return rows.map(deviceRecord);
    },
    keys(serial) {
      const row = selectKeys.get(serial);
      if (!row) return null;
      return {
        deviceProof: unwrapKey(serial, 'device-proof', row.device_key),
        cloudProof: unwrapKey(serial, 'cloud-proof', row.cloud_key),
      };
    },
    claim({ serial, claimCode, orgId, siteId }) {
      return changed(() => {
        const byCode = claimCode === undefined ? undefined : selectByCode.get(claimHash(claimCode));
        if (claimCode !== undefined && !byCode) {
          throw new AirherdError('claim-refused', { detail: 'no device has this claim code' });
        }
        const device = byCode ? deviceRecord(byCode) : known(serial ?? '');
        if (serial !== undefined && device.serial !== serial) {
          throw new AirherdError('claim-refused', { detail: `the claim code is not that of ${serial}` });
        }
        if (device.orgId !== null && device.orgId !== orgId) {
          throw new AirherdError('claim-refused', {
            detail: `${device.serial} is claimed by another organisation`,
          });
        }
        if (device.revokedMs !== null) throw new AirherdError('device-revoked', { serial: device.serial });
        claimDevice.run(orgId, siteId, clock.wallMs(), device.serial);
        return known(device.serial);
      });
    },
    revoke: (serial) =>
      changed(() => {
        known(serial);
        revokeDevice.run(clock.wallMs(), serial);
        return known(serial);
      }),
    assign: (serial, role) =>
      changed(() => {
        const { orgId } = known(serial);
        db.prepare('UPDATE devices SET role = ? WHERE serial = ?').run(role, serial);
        // Agents take settings of a higher version only.
        db.prepare('UPDATE orgs SET config_version = config_version + 1 WHERE id = ?').run(orgId);
        return known(serial);
      }),
    knowsCertificate: (serial, sha256) => selectCertificate.get(serial, sha256) !== undefined,
    addCertificate(serial, sha256, notAfterMs) {
      changed(() => insertCertificate.run(sha256, serial, notAfterMs));
    },
    settleCertificate(serial, sha256) {
      const row = selectCertificate.get(serial, sha256);
      if (!row || !selectOlder.get(serial, number(row.issue))) return;
      changed(() => dropOlder.run(serial, number(row.issue)));
    },
    rotation: keyRotation(
      db,
      {
        wrap: (serial, { deviceProof, cloudProof }) => ({
          deviceKey: wrapKey(serial, 'device-proof', deviceProof),
          cloudKey: wrapKey(serial, 'cloud-proof', cloudProof),
        }),
        unwrap: (serial, deviceKey, cloudKey) => ({
          deviceProof: unwrapKey(serial, 'device-proof', deviceKey),
          cloudProof: unwrapKey(serial, 'cloud-proof', cloudKey),
        }),
      },
      changed,
    ),
    organisations: organisations({ db, wrap, random, clock, path, region: region.name, changed }),
    tokens: tokens({ db, random, clock, changed }),
    users: users({ db, wrap, index, random, clock, path, changed }),
    events: securityEvents({ db, clock }),
    privacy: settingsStore(db, changed),
    consents: consents({ db, random, clock, changed }),
    portals: portals({ db, clock, changed }),
    backups: knownBackups(db, changed),
    configurations: deviceConfigurations(db, clock, changed),
    orgKeys: orgKeyring({ db, wrap, random, path, changed }),
    reclaim: () => db.reclaim(100_000),
    version: () => db.dataVersion() * 1_000_000 + ownChanges,
    close: () => db.close(),
  };
}
