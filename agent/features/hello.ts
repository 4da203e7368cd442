import type { Identity } from '../../certs/identity.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import type { Producer } from '../producer.ts';
import { macBytes } from './mac.ts';

export interface HelloOptions {
  identity: Pick<Identity, 'kind' | 'model' | 'mac'>;
  firmware: string;
  configVersion: number;
  /** Of the device's configuration that was judged last; absent where it takes none. */
  configuration?: number;
  classes: readonly PrivacyClass[];
  /** Of a device that can be upgraded. */
  standing?: { slot: 'a' | 'b'; trial: boolean; sequenceNumber: number };
}

/** What the device is: the first message of each session. */
export function produceHello(producer: Producer, options: HelloOptions): Promise<number | null> {
  const { identity, firmware, configVersion, configuration, classes, standing } = options;
  return producer.produce('hello', {
    class: 'device',
    deviceKind: identity.kind,
    model: identity.model,
    mac: macBytes(identity.mac),
    firmware,
    ...standing,
    configVersion,
    ...(configuration !== undefined && { configuration }),
    classes: [...classes],
  });
}
