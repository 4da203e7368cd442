/** What can be told to fail, by the name that a test says it with. */
import { AirherdError } from '../protocol/errors.ts';
import { type HappeningKind, KINDS } from '../world/happenings/kinds.ts';

/** Short names; every kind of happening is one too. */
const SHORT: Readonly<Record<string, HappeningKind>> = {
  dhcp: 'dhcp-dead',
  dns: 'dns-dead',
  radius: 'radius-dead',
  gateway: 'gateway-gone',
  radio: 'radio-down',
  poe: 'poe-loss',
  port: 'port-down',
  flap: 'port-flap',
  vlan: 'wrong-vlan',
};
/** Of the device itself, not of the site: without power, without room on its disk. */
const OWN = ['power', 'disk', 'clock'] as const;
export type OwnFault = (typeof OWN)[number];

/** Anything else that a happening of this kind takes: `port`, `vlan`, `delay`, `users`, `offMs` of a clock. */
export type FaultDetail = Readonly<Record<string, unknown>>;

export interface FaultHandle {
  /** As it was. */
  mend(): Promise<void>;
}

export const isOwnFault = (name: string): name is OwnFault => OWN.some((own) => own === name);

/** The happening, with the device that it strikes where it strikes one; checked as in a file. */
export function happeningOf(
  name: string,
  device: { id: string; kind: 'ap' | 'switch' } | null,
  detail: FaultDetail,
): { kind: HappeningKind; written: object } {
  const kind = SHORT[name] ?? name;
  if (!isKind(kind)) {
    const known = [...OWN, ...Object.keys(SHORT), ...Object.keys(KINDS)].join(', ');
    throw new AirherdError('usage-invalid', {
      detail: `nothing called ${name} can fail; there are ${known}`,
    });
  }
  const { shape } = KINDS[kind];
  const unknown = Object.keys(detail).filter((key) => !(key in shape));
  if (unknown.length > 0) {
    const known = Object.keys(shape).join(', ') || 'none';
    throw new AirherdError('usage-invalid', {
      detail: `${name} has no ${unknown.join(', ')}; there are ${known}`,
    });
  }
  const key = device?.kind === 'ap' ? 'accessPoint' : 'switch';
  return { kind, written: { ...(device !== null && key in shape && { [key]: device.id }), ...detail } };
}

const isKind = (name: string): name is HappeningKind => Object.hasOwn(KINDS, name);
