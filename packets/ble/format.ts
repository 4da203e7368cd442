import { altBeaconOf } from './altbeacon.ts';
import { eddystoneOf } from './eddystone.ts';
import { iBeaconOf } from './ibeacon.ts';

export type BleFormat =
  | 'ibeacon'
  | 'altbeacon'
  | 'eddystone-uid'
  | 'eddystone-url'
  | 'eddystone-tlm'
  | 'eddystone-eid'
  | 'other';

/** Which beacon format the advertising data between `from` and `to` is in. */
export function bleFormat(b: Uint8Array, from = 0, to = b.length): BleFormat {
  if (iBeaconOf(b, from, to) !== undefined) return 'ibeacon';
  if (altBeaconOf(b, from, to) !== undefined) return 'altbeacon';
  const eddystone = eddystoneOf(b, from, to);
  return eddystone === undefined ? 'other' : `eddystone-${eddystone.frame}`;
}
