import type { Identity } from '../../certs/identity.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import type { AgentConfig } from '../config.ts';
import type { DeviceTime } from '../device-time.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import type { Settings } from '../settings.ts';
import type { CommandHandlers } from './command.ts';
import type { SlicingTotals } from './stats.ts';

export interface ObservationOptions {
  producer: Producer;
  settings: Settings;
  config: AgentConfig['capture'];
  time: DeviceTime;
  random: Random;
  identity: Identity;
}

export interface Observations {
  features: FrameFeature[];
  handlers: CommandHandlers;
  /** Classes that the features have something to say in. */
  classes: readonly PrivacyClass[];
  slicing(): SlicingTotals;
}

/** Every feature that learns from frames. */
export function createObservations(_options: ObservationOptions): Observations {
  return {
    features: [],
    handlers: {},
    classes: ['device', 'wifi.connected', 'wifi.unconnected', 'wired', 'lldp', 'pcap.headers'],
    slicing: () => ({ frames: 0, bytesSeen: 0, bytesKept: 0, bytesCut: 0, faults: 0 }),
  };
}
