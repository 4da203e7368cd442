/** Firmware as a vendor makes it, for tests. */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { packImage } from '../../protocol/firmware/image.ts';
import { type Manifest, manifestBytes, signManifest } from '../../protocol/firmware/manifest.ts';
import type { UpgradeOrder } from '../../protocol/messages/upgrade.ts';

export interface TestFirmware {
  version: string;
  manifest: Buffer;
  signature: Buffer;
  payload: Buffer;
  sha256: Buffer;
  /** As a cloud sends it. */
  order(url: string, change?: Partial<UpgradeOrder>): UpgradeOrder;
}

export function firmwareKey(): { privateKey: KeyObject; publicKey: KeyObject; publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, publicKey, publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

export async function firmwareOf(
  key: KeyObject,
  version: string,
  {
    config = '',
    ballast = 0,
    payload: given,
    ...change
  }: Partial<Omit<Manifest, 'payload'>> & {
    config?: string;
    /** Bytes that do not compress. */
    ballast?: number;
    payload?: Buffer;
  } = {},
): Promise<TestFirmware> {
  const filler = createHash('shake256', { outputLength: ballast }).update(version).digest();
  const files = [
    { name: 'config.yaml', bytes: Buffer.from(config) },
    ...(ballast > 0 ? [{ name: 'ballast.bin', bytes: filler }] : []),
  ];
  const payload = given ?? (await packImage(version, files));
  const sha256 = createHash('sha256').update(payload).digest();
  const manifest = manifestBytes({
    manifestVersion: 1,
    sequenceNumber: 1,
    vendor: 'test',
    classes: ['AH-AP-1'],
    version,
    payload: { format: 'tar+gzip', size: payload.length, sha256: sha256.toString('hex') },
    ...change,
  });
  const signature = signManifest(manifest, key);
  return {
    ...{ version, manifest, signature, payload, sha256 },
    order: (url, other = {}) => ({
      ...{ v: 1, id: `order-${version}`, version, url, sha256, size: payload.length, manifest, signature },
      ...other,
    }),
  };
}
