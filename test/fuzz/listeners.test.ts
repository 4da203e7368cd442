/** The slicer, observers and triggers, given every broken frame that the decoders are given. */
import { describe, expect, it } from 'vitest';
import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import { LinkType } from '../../packets/linktype.ts';
import { Observer } from '../../packets/observe/observer.ts';
import { CONTROL_PROTOCOLS } from '../../packets/slice/options.ts';
import { Slicer } from '../../packets/slice/slicer.ts';
import { TriggerTracker } from '../../packets/trigger/tracker.ts';
import { DEEPEST, frames, kinds, oneByteChanges } from './corpus.ts';
import { counted, bytes as fromHex, IPV6, MACS, nest, nested, TUNNELS } from './nested.ts';

const TIMEOUT_MS = 180_000;
const MOST = 64;
const LONGEST = 70_000;

const control = new Slicer({ mode: 'control', control: CONTROL_PROTOCOLS, ssid: 'keep', ts: 'zero' });
const strict = new Slicer();
const within = new Uint8Array(LONGEST + 1_024);
const MARGIN = 512;
const target = new Uint8Array(LONGEST);
const again = new Uint8Array(LONGEST);

/** What is wrong with the slice of `frame`, or nothing: it is a prefix with zeros, the same in any memory. */
function wrongSlice(slicer: Slicer, frame: Uint8Array, linkType: number, filler: number): string | null {
  const { length } = frame;
  const kept = slicer.slice(frame, 0, length, length, linkType, target, 0);
  if (kept < 0 || kept > length) return `kept ${kept} of ${length}`;
  for (let i = 0; i < kept; i++) if (target[i] !== 0 && target[i] !== frame[i]) return `byte ${i} is made up`;
  within.fill(filler, 0, length + 2 * MARGIN);
  within.set(frame, MARGIN);
  const keptWithin = slicer.slice(within, MARGIN, length, length, linkType, again, 0);
  const isSame =
    keptWithin === kept && Buffer.compare(again.subarray(0, kept), target.subarray(0, kept)) === 0;
  return isSame ? null : `reads beyond the frame: ${keptWithin} and ${kept}`;
}

/** One observer and one tracker hear all of it: their memory is what may fail. */
class Listeners {
  private readonly d = new Dissection();
  readonly observer = new Observer({ maxHosts: MOST, maxAccessPoints: MOST, maxNeighbours: MOST });
  readonly tracker = new TriggerTracker({ maxClients: MOST });
  private number = 0;
  captures = 0;

  hear(frame: Uint8Array, linkType: number): void {
    const { length } = frame;
    this.number++;
    dissect(this.d, frame, linkType);
    this.observer.frame(this.d, {
      timeMs: this.number,
      number: this.number,
      interfaceName: 'eth0',
      originalLength: length,
    });
    const timeNs = BigInt(this.number) * 1_000_000n;
    this.tracker.frame(this.d, {
      linkType,
      bytes: frame,
      originalLength: length,
      timeNs,
      interfaceName: 'eth0',
    });
    this.captures += this.tracker.take().length;
  }

  /** Rows of all tables, each within its limit, each printable. */
  rows(): number {
    const { observer } = this;
    const tables = [
      observer.clients(),
      observer.wiredHosts(),
      observer.accessPoints(),
      observer.neighbours(),
      observer.bleDevices(),
    ];
    for (const table of tables) expect(table.length).toBeLessThanOrEqual(MOST);
    JSON.stringify(tables);
    return tables.flat().length;
  }
}

describe('broken frames', () => {
  it('cut off anywhere: every frame of every fixture', { timeout: TIMEOUT_MS }, () => {
    const listeners = new Listeners();
    const failures: string[] = [];
    for (const { bytes, linkType } of frames) {
      for (let length = 0; length <= Math.min(bytes.length, DEEPEST) && failures.length < 5; length++) {
        const prefix = bytes.subarray(0, length);
        for (const slicer of [strict, control]) {
          const wrong = wrongSlice(slicer, prefix, linkType, length & 0xff);
          if (wrong !== null) failures.push(`${linkType}-${Buffer.from(prefix).toString('hex')}: ${wrong}`);
        }
        listeners.hear(prefix, linkType);
      }
    }
    expect(failures).toEqual([]);
    expect(listeners.rows()).toBeGreaterThan(MOST);
    expect(listeners.captures).toBeGreaterThan(0);
  });

  it('with one byte changed: a frame of each kind', { timeout: TIMEOUT_MS }, () => {
    const listeners = new Listeners();
    const failures: string[] = [];
    for (const { bytes, linkType } of kinds) {
      for (const { mutant, mask } of oneByteChanges(bytes)) {
        const wrong = wrongSlice(mask & 1 ? strict : control, mutant, linkType, mask);
        if (wrong !== null) failures.push(`${linkType}-${Buffer.from(mutant).toString('hex')}: ${wrong}`);
        listeners.hear(mutant, linkType);
        if (failures.length >= 5) break;
      }
    }
    expect(failures).toEqual([]);
    listeners.rows();
    expect(listeners.captures).toBeGreaterThan(0);
  });
});

/** Bytes that one look at the frame takes, in each of the three. */
const LOOKS: readonly (readonly [name: string, look: (frame: Uint8Array) => void])[] = [
  ['the slicer', (frame) => void strict.measure(frame, 0, frame.length, frame.length, LinkType.ethernet)],
  ['the slicer in control mode', (frame) => void control.measure(frame, 0, frame.length, frame.length, 1)],
  ['an observer and a tracker', (frame) => new Listeners().hear(frame, LinkType.ethernet)],
];

/** Ethernet frames whose length `size` sets, each made to be walked for ever. */
const WALKS: readonly (readonly [name: string, make: (size: number) => Buffer])[] = [
  ['LLDP TLVs of length 0', (size) => lldp(size, '1400')],
  ['LLDP TLVs of one byte', (size) => lldp(size, 'fe0100')],
  [
    'IPv6 destination options',
    (size) => {
      const chain = nest(fromHex('3c00 0104 00000000'), size / 8);
      const header = fromHex(IPV6('3c'));
      header.writeUInt16BE(chain.length, 4);
      return Buffer.concat([fromHex(`${MACS} 86dd`), header, chain]);
    },
  ],
];

function lldp(size: number, tlv: string): Buffer {
  return Buffer.concat([fromHex(`${MACS} 88cc`), nest(fromHex(tlv), Math.floor(size / (tlv.length / 2)))]);
}

describe.each(LOOKS)('steps of %s', (_name, look) => {
  const steps = (frame: Uint8Array): number => {
    const { view, steps: taken } = counted(frame);
    look(view);
    return taken();
  };

  it.each(TUNNELS.map((tunnel) => [tunnel[0], tunnel] as const))(
    'at 10,000 headers of %s',
    (_kind, tunnel) => {
      // Nesting ends at a limit: no more steps than eight layers of headers have, each looked at a few times.
      expect(steps(nested(tunnel, 10_000))).toBeLessThan(2_000);
    },
  );

  it.each(WALKS)('at %s are in proportion to the length', (_kind, make) => {
    const [half, whole] = [20_000, 40_000].map((size) => steps(make(size)));
    expect(whole).toBeLessThanOrEqual(2.2 * half + 1_000);
    expect(whole).toBeLessThan(12 * 40_000);
  });
});
