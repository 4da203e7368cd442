/** Sources of what this machine's interfaces and daemons say: `KIND:NAME?option=value&…`. */
import { hostname } from 'node:os';
import { nodeClock } from '../../../platform/node/clock.ts';
import { BleSource } from '../../../platform/node/sources/ble.ts';
import { bridgeSource } from '../../../platform/node/sources/bridge.ts';
import { hostapdSource } from '../../../platform/node/sources/hostapd.ts';
import { iwSource } from '../../../platform/node/sources/iw.ts';
import { LiveCapture } from '../../../platform/node/sources/live-capture.ts';
import { lldpdSource } from '../../../platform/node/sources/lldpd.ts';
import { NOBLE_PACKAGES, NobleRadio } from '../../../platform/node/sources/noble-radio.ts';
import type { Source } from '../../../platform/ports/source.ts';
import { AirherdError } from '../../../protocol/errors.ts';

export interface LiveSpec {
  kind: string;
  name: string;
  /** Takes an option out; what is left at the end is not known. */
  options: Map<string, string>;
}

type Open = (spec: LiveSpec) => Source;

const capture =
  (tool?: 'dumpcap' | 'tcpdump'): Open =>
  ({ name, options }) =>
    new LiveCapture({
      interfaceName: name,
      tool,
      clock: nodeClock,
      filter: take(options, 'filter'),
      snapLength: whole(options, 'snap'),
      bufferMib: whole(options, 'buffer'),
    });

const KINDS: Readonly<Record<string, Open>> = {
  live: capture(),
  dumpcap: capture('dumpcap'),
  tcpdump: capture('tcpdump'),
  hostapd: ({ name, options }) => hostapdSource(name, nodeClock, take(options, 'control')),
  iw: ({ name }) => iwSource(name, nodeClock),
  bridge: ({ name }) => bridgeSource(name, nodeClock),
  ble: ({ name, options }) => {
    const packageName = take(options, 'package') ?? NOBLE_PACKAGES[0];
    const known = NOBLE_PACKAGES.find((one) => one === packageName);
    if (known === undefined) throw invalid(`package must be ${NOBLE_PACKAGES.join(' or ')}`);
    const intervalMs = whole(options, 'interval') ?? 100;
    const scan = {
      intervalMs,
      windowMs: whole(options, 'window') ?? intervalMs,
      duplicates: take(options, 'duplicates') !== 'off',
    };
    if (scan.windowMs > intervalMs) throw invalid('window must not be above interval');
    const [, device] = /^hci(\d+)$/.exec(name || 'hci0') ?? [];
    if (device === undefined) throw invalid(`no adapter ${name}; they are hci0, hci1, ...`);
    const radio = () => new NobleRadio(Number(device), known);
    return new BleSource({ name: `ble:hci${device}`, clock: nodeClock, scan, radio });
  },
  lldpd: ({ name, options }) => {
    const ports = take(options, 'announce');
    const powerMw = whole(options, 'power') ?? 25_500;
    const systemName = take(options, 'name') ?? hostname();
    const announce = ports && { ports: ports.split(','), powerMw, systemName, systemDescription: 'airherd' };
    return lldpdSource({ socket: name || undefined, clock: nodeClock, announce: announce || undefined });
  },
};

/** Null for what is no live source. Throws usage-invalid for options that it does not have. */
export function liveSource(text: string): Source | null {
  const [, kind, name, query] = /^([a-z0-9]+)(?::([^?]*))?(?:\?(.*))?$/s.exec(text) ?? [];
  const open = KINDS[kind ?? ''];
  if (open === undefined) return null;
  const options = new Map(new URLSearchParams(query));
  const source = open({ kind, name: name ?? '', options });
  if (options.size === 0) return source;
  const detail = `${text}: no option ${[...options.keys()].join(', ')}`;
  throw new AirherdError('usage-invalid', { detail });
}

const invalid = (detail: string) => new AirherdError('usage-invalid', { detail });

function take(options: Map<string, string>, name: string): string | undefined {
  const value = options.get(name);
  options.delete(name);
  return value;
}

function whole(options: Map<string, string>, name: string): number | undefined {
  const text = take(options, name);
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw invalid(`${name} must be a whole number`);
}
