import type { ManufacturerOf } from '../../packets/observe/manufacturer.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import type { AgentConfig } from '../config.ts';
import type { DeviceTime } from '../device-time.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import type { Settings } from '../settings.ts';
import type { CommandHandlers } from './command.ts';
import { dynamicCapture } from './dynamic-pcap.ts';
import type { Forgetting } from './forgetting.ts';
import { happenings } from './happenings.ts';
import { interfaces } from './interfaces.ts';
import { manualCapture } from './manual-pcap.ts';
import { observed } from './observed.ts';
import { CAPTURE_ID_BYTES, continuousCapture } from './pcap.ts';
import { withoutScans } from './scanning.ts';
import type { CaptureTotals, SlicingTotals } from './stats.ts';

export interface ObservationOptions {
  producer: Producer;
  settings: Settings;
  config: AgentConfig;
  time: DeviceTime;
  random: Random;
  manufacturerOf?: ManufacturerOf;
}

export interface Observations {
  features: FrameFeature[];
  handlers: CommandHandlers;
  /** Everything that holds something of people. */
  memories: readonly Forgetting[];
  /** Classes that the features have something to say in. */
  classes: readonly PrivacyClass[];
  slicing(): SlicingTotals;
  captures(): CaptureTotals;
}

/** Every feature that learns from frames. */
export function createObservations(options: ObservationOptions): Observations {
  const { producer, settings, config, time, random, manufacturerOf } = options;
  const outboxBytes = config.outbox.limitBytes;
  const totals: SlicingTotals = { frames: 0, bytesSeen: 0, bytesKept: 0, bytesCut: 0, faults: 0 };
  const records = observed({
    producer,
    settings,
    time,
    outboxBytes,
    hashSeed: random.bytes(4).readUInt32LE(),
    manufacturerOf,
    ...config.report,
  });
  const manual = manualCapture({ producer, settings, random, time }, totals);
  const events = happenings(producer);
  const features: FrameFeature[] = [records, interfaces(producer), events, withoutScans(manual, settings)];
  const memories: Forgetting[] = [records, events, manual];
  const captures: CaptureTotals = { dynamic: 0, suppressed: 0 };
  if (config.capture.dynamic) {
    const dynamic = dynamicCapture({ producer, settings, random, time, outboxBytes }, totals, captures);
    features.push(withoutScans(dynamic, settings));
    memories.push(dynamic);
  }
  if (config.capture.stream) {
    const captureId = random.bytes(CAPTURE_ID_BYTES);
    const continuous = continuousCapture({ producer, settings, captureId, outboxBytes }, totals);
    features.push(withoutScans(continuous, settings));
    memories.push(continuous);
  }
  return {
    features,
    memories,
    handlers: manual.handlers,
    classes: [
      'device',
      'wifi.connected',
      'wifi.unconnected',
      'wired',
      'lldp',
      'ble.assets',
      'ble.passive',
      'pcap.headers',
      'pcap.payload',
    ],
    captures: () => captures,
    slicing: () => ({ ...totals, faults: records.faults() }),
  };
}
