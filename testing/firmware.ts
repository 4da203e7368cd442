/** Firmware of a lab: made, signed, uploaded and rolled out in one go. */
import { createHash } from 'node:crypto';
import { AirherdError } from '../protocol/errors.ts';
import { CONFIG, packImage } from '../protocol/firmware/image.ts';
import { manifestBytes, signManifest } from '../protocol/firmware/manifest.ts';
import type { LabClock } from './clock.ts';
import { labFirmwareKey } from './firmware-key.ts';
import type { LabCloud } from './lab-cloud.ts';
import type { Recorder } from './recorder.ts';

export interface RollOutOptions {
  version: string;
  /** What the version sets, section by section: cloud, backoff, report, capture, log. */
  settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Sequence number against rollback; one more than the last unless given. */
  sequence?: number;
  /** Percentages of the devices, the last 100. Default: all at once. */
  stages?: readonly number[];
  /** One more that fails pauses the roll-out. Default: 0. */
  maxFailures?: number;
}

export interface FirmwareHandle {
  /** To all devices of the lab; a roll-out that is open is aborted. Resolves when the first orders are out. */
  rollOut(options: RollOutOptions): Promise<{ id: string }>;
}

export function firmwareHandle(
  cloudOf: () => LabCloud,
  { clock, recorder, models }: { clock: LabClock; recorder: Recorder; models: readonly string[] },
): FirmwareHandle {
  let sequence = 0;
  return {
    rollOut: async (options) => {
      recorder.add({ do: 'roll-out', ...options });
      const cloud = cloudOf();
      sequence = options.sequence ?? sequence + 1;
      const { stages = [100], maxFailures = 0 } = options;
      const { images, rollouts, director } = cloud.cloud.firmware;
      const imageId = await clock.during(upload(cloud, options, sequence, models));
      if (!images.find(imageId)?.complete) {
        throw new AirherdError('usage-invalid', { detail: `${options.version} was not taken by the cloud` });
      }
      for (const open of rollouts.open()) director.abort(open);
      const { orgId } = cloud;
      return director.begin({ orgId, siteId: null, imageId, stages, successPercent: 100, maxFailures });
    },
  };
}

async function upload(
  { cloud }: LabCloud,
  { version, settings = {} }: RollOutOptions,
  sequenceNumber: number,
  models: readonly string[],
): Promise<string> {
  // JSON is YAML.
  const payload = await packImage(version, [{ name: CONFIG, bytes: Buffer.from(JSON.stringify(settings)) }]);
  const sha256 = createHash('sha256').update(payload).digest('hex');
  const manifest = manifestBytes({
    ...{ manifestVersion: 1, sequenceNumber, vendor: 'lab', classes: [...new Set(models)], version },
    payload: { format: 'tar+gzip', size: payload.length, sha256 },
  });
  const { images } = cloud.firmware;
  const signature = signManifest(manifest, labFirmwareKey.privateKey);
  const { id } = images.begin({ manifest, signature });
  await images.append(id, 0, payload);
  return id;
}
