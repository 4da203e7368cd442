import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RegistryEntry } from '../../../certs/registry-entry.ts';
import { openRegistry, type Registry } from '../../../cloud-stub/registry/registry.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeRandom } from '../../../platform/node/random.ts';

let dir: string;
let registry: Registry;
const open = () => openRegistry(dir, { random: nodeRandom, clock: nodeClock });
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-registry-'));
  registry = open();
});
afterEach(() => {
  registry.close();
  rmSync(dir, { recursive: true, force: true });
});

const entry = (serial: string): RegistryEntry => ({
  serial,
  kind: 'ap',
  model: 'AH-AP-1',
  mac: '02:00:00:00:00:10',
  claimCode: `CODE-${serial}`,
  keys: { deviceProof: randomBytes(32), cloudProof: randomBytes(32) },
  certificateSha256: randomBytes(32),
  notAfterMs: 1,
});

function place() {
  const { organisations } = registry;
  const org = organisations.ensure('A');
  return { orgId: org.id, siteId: organisations.ensureSite(org.id, 'S').id };
}

describe('registry', () => {
  test('gives back what was entered, after a restart as well', async () => {
    const first = entry('AH0001');
    await registry.add([first, entry('AH0002')]);
    registry.close();
    registry = open();
    expect(registry.list().map(({ serial }) => serial)).toEqual(['AH0001', 'AH0002']);
    expect(registry.find('AH0001')).toMatchObject({ kind: 'ap', orgId: null, revokedMs: null });
    expect(registry.keys('AH0001')).toEqual(first.keys);
    expect(registry.keys('AH0009')).toBeNull();
  });

  test('entering again replaces keys and certificate, and keeps claim and revocation', async () => {
    await registry.add([entry('AH0001')]);
    registry.claim({ serial: 'AH0001', ...place() });
    registry.revoke('AH0001');
    const again = entry('AH0001');
    await registry.add([again]);
    expect(registry.keys('AH0001')).toEqual(again.keys);
    expect(registry.find('AH0001')?.orgId).toBe(place().orgId);
    expect(registry.find('AH0001')?.revokedMs).not.toBeNull();
  });

  test('a claim by code, by serial, and by both when they agree', async () => {
    await registry.add([entry('AH0001'), entry('AH0002')]);
    expect(registry.claim({ claimCode: 'code-ah0001', ...place() }).serial).toBe('AH0001');
    const both = { serial: 'AH0002', claimCode: 'CODE-AH0001', ...place() };
    expect(() => registry.claim(both)).toThrowError(expect.objectContaining({ code: 'claim-refused' }));
    expect(registry.claim({ serial: 'AH0002', ...place() }).siteId).toBe(place().siteId);
  });

  test('a device of another organisation, a revoked one and an unknown one cannot be claimed', async () => {
    await registry.add([entry('AH0001'), entry('AH0002')]);
    registry.claim({ serial: 'AH0001', ...place() });
    const other = registry.organisations.ensure('B');
    const theirs = { orgId: other.id, siteId: registry.organisations.ensureSite(other.id, 'S').id };
    const refused = (serial: string) => () => registry.claim({ serial, ...theirs });
    expect(refused('AH0001')).toThrowError(expect.objectContaining({ code: 'claim-refused' }));
    registry.revoke('AH0002');
    expect(refused('AH0002')).toThrowError(expect.objectContaining({ code: 'device-revoked' }));
    expect(refused('AH0003')).toThrowError(expect.objectContaining({ code: 'device-unknown' }));
    expect(() => registry.revoke('AH0003')).toThrowError(expect.objectContaining({ code: 'device-unknown' }));
  });

  test('a renewed certificate voids those before it when it has logged in', async () => {
    const device = entry('AH0001');
    await registry.add([device]);
    const renewed = randomBytes(32);
    registry.addCertificate('AH0001', renewed, 2);
    registry.settleCertificate('AH0001', device.certificateSha256);
    expect(registry.knowsCertificate('AH0001', device.certificateSha256)).toBe(true);
    expect(registry.knowsCertificate('AH0001', renewed)).toBe(true);
    registry.settleCertificate('AH0001', renewed);
    expect(registry.knowsCertificate('AH0001', device.certificateSha256)).toBe(false);
    expect(registry.knowsCertificate('AH0001', renewed)).toBe(true);
  });

  test('the version changes with every change of this process and of others', async () => {
    const seen = new Set([registry.version()]);
    await registry.add([entry('AH0001')]);
    seen.add(registry.version());
    const elsewhere = open();
    elsewhere.revoke('AH0001');
    elsewhere.close();
    seen.add(registry.version());
    expect(seen.size).toBe(3);
    expect(seen.has(registry.version())).toBe(true);
  });

  test('tokens are known by their hash, and void when one of the name is issued anew', () => {
    const token = registry.tokens.issue('operator');
    expect(registry.tokens.find(token, '127.0.0.1')?.name).toBe('operator');
    const next = registry.tokens.issue('operator');
    expect(registry.tokens.find(token, '127.0.0.1')).toBeNull();
    expect(registry.tokens.find(next, '::1')?.name).toBe('operator');
    expect(registry.tokens.find('', '::1')).toBeNull();
  });

  test('organisations have keys of their own, the same after a restart', () => {
    const a = registry.organisations.ensure('A').id;
    const b = registry.organisations.ensure('B').id;
    const key = registry.organisations.key(a);
    expect(key).toHaveLength(32);
    expect(key.equals(registry.organisations.key(b))).toBe(false);
    registry.close();
    registry = open();
    expect(registry.organisations.ensure('A').id).toBe(a);
    expect(registry.organisations.key(a)).toEqual(key);
    expect(registry.organisations.list().map(({ name }) => name)).toEqual(['A', 'B']);
  });
});
