import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Observer } from '../../packets/observe/observer.ts';
import { Lldpd } from '../support/lldpd.ts';
import { capturePath, observeCapture } from '../support/observe.ts';
import { hasTool } from '../tools.mjs';

/** Namespaces need root; without it the suite is skipped, but never in CI. */
function canMakeNamespaces(): boolean {
  const name = `airherd-try-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
  spawnSync('ip', ['netns', 'del', name]);
  return true;
}

const isPossible =
  ['lldpd', 'lldpcli', 'tcpreplay', 'ip'].every(hasTool) && (Boolean(process.env.CI) || canMakeNamespaces());

/** Names of lldpd for the id subtypes of IEEE 802.1AB tables 8-2 and 8-3 that it prints as they are. */
const CHASSIS: Record<string, number> = { ifalias: 2, mac: 4, ip: 5, ifname: 6, local: 7 };
/** A chassis component is text to us, and bytes in hexadecimal to lldpd. */
const COMPONENT = 1;
const PORT: Record<string, number> = { ifalias: 1, mac: 3, ip: 4, ifname: 5, local: 7 };

/**
 * Fuzzed: behind good mandatory TLVs come lengths that lie, up to an End TLV that is not empty. lldpd refuses
 * the whole frame for it; we keep what the mandatory ones say (IEEE 802.1AB 9.2.7.7 discards the TLV only).
 */
const FUZZED = ['lldp-infinite-loop-1.pcap', 'lldp-infinite-loop-2.pcap'];

const captures = readdirSync(capturePath('.'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /lldp/i.test(name) && name.endsWith('.pcap') && !FUZZED.some((of) => name.endsWith(of)))
  .sort();

describe.runIf(isPossible)('the same frames, heard by lldpd and by us', () => {
  const lldpd = new Lldpd();
  const observer = new Observer();

  beforeAll(async () => {
    await lldpd.start();
    for (const name of captures) {
      lldpd.replay(capturePath(name));
      observeCapture(name, observer, 'heard');
    }
  });
  afterAll(() => lldpd.stop());

  test('are the same neighbours, with the same names, times to live and addresses', async () => {
    const ours = observer
      .neighbours()
      .filter(({ protocol }) => protocol === 'lldp')
      .map((of) => ({
        chassis:
          of.chassisIdSubtype === COMPONENT ? `${COMPONENT}` : `${of.chassisIdSubtype} ${of.chassisId}`,
        port: `${of.portIdSubtype} ${of.portId}`,
        systemName: of.systemName,
        systemDescription: of.systemDescription,
        portDescription: of.portDescription,
        ttlS: of.ttlS,
        managementAddresses: of.managementAddresses ?? [],
      }))
      .sort(byChassis);
    // The daemon reads its end of the wire in its own time.
    await vi.waitFor(() => expect(lldpd.neighbours().length).toBe(ours.length), {
      timeout: 15_000,
      interval: 100,
    });
    const theirs = lldpd
      .neighbours()
      .map((of) => ({
        ...of,
        chassis:
          of.chassis.type in CHASSIS ? `${CHASSIS[of.chassis.type]} ${of.chassis.value}` : `${COMPONENT}`,
        port: `${PORT[of.port.type] ?? 0} ${of.port.value}`,
      }))
      .sort(byChassis);
    expect(theirs).toEqual(ours);
  });
});

const byChassis = (a: { chassis: string; port: string }, b: { chassis: string; port: string }): number =>
  a.chassis + a.port < b.chassis + b.port ? -1 : 1;
