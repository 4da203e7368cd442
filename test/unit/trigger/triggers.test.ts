/** Each trigger fires on a capture that shows its failure, and not on one that goes well. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FAILURE_TRIGGERS } from '../../../packets/trigger/names.ts';
import type { SeenFrame } from '../../../packets/trigger/ring.ts';
import { TriggerTracker } from '../../../packets/trigger/tracker.ts';
import { PCAP_TRIGGERS } from '../../../protocol/messages/pcap.ts';
import { captureOf, framesOf } from '../../support/recorded-frames.ts';
import { seen, track } from '../../support/track.ts';
import { STATION, scenarios } from '../../support/trigger-scenarios.ts';

const folder = mkdtempSync(join(tmpdir(), 'airherd-trigger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tsharkFinds(frames: SeenFrame[], filter: string): boolean {
  const path = join(folder, 'frames.pcapng');
  writeFileSync(path, captureOf(frames));
  const out = execFileSync('tshark', ['-r', path, '-Y', filter], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return out.trim() !== '';
}

const fired = (frames: readonly SeenFrame[]): string[] =>
  track(new TriggerTracker(), frames).map(({ trigger }) => trigger);

describe('triggers', () => {
  it('are named as in the message, all but those that someone starts', () => {
    expect([...FAILURE_TRIGGERS, 'manual', 'continuous']).toEqual([...PCAP_TRIGGERS]);
    expect(new Set(scenarios.map(({ trigger }) => trigger))).toEqual(
      new Set(FAILURE_TRIGGERS.filter((name) => name !== 'dot1x-failure')),
    );
  });

  it.each(scenarios)('$trigger: $what', ({ trigger, filter, failing, fine }) => {
    expect(tsharkFinds(failing, filter)).toBe(true);
    const captures = track(new TriggerTracker(), failing);
    expect(captures.map((capture) => capture.trigger)).toEqual([trigger]);
    expect(Buffer.from(captures[0].client).toString('hex')).toBe(Buffer.from(STATION).toString('hex'));
    expect(captures[0].frames.length).toBeGreaterThan(0);
    expect(captures[0].frames.map((frame) => frame.timeNs)).toContain(failing.at(-1)?.timeNs);
    expect(fired(fine)).toEqual([]);
  });
});

describe('recorded failures', () => {
  it.each([
    ['hil/rtap_live.pcap', 'dot1x-failure', '020000000100'],
    ['zeek/testing/btest/Traces/dhcp/dhcp.pcap', 'dhcp-nak', '90b11c994929'],
    ['tcpdump/tests/eapon1.pcap', 'dhcp-no-offer', '00042357a57a'],
    ['zeek/testing/btest/Traces/tunnels/gre-sample.pcap', 'dns-unanswered', '00022d564afd'],
  ])('%s shows %s', (file, trigger, client) => {
    const captures = track(new TriggerTracker(), framesOf(file).map(seen));
    expect(captures[0].trigger).toBe(trigger);
    expect(Buffer.from(captures[0].client).toString('hex')).toBe(client);
    expect(captures[0].frames.length).toBeGreaterThan(1);
  });

  it.each([
    'hil/hwsim-wpa2eap-radiotap.pcap',
    'hil/dhcp.pcap',
    'hil/eap.pcap',
    'hil/http.pcap',
    'hil/lldp.pcap',
  ])('nothing fails in %s', (file) => {
    expect(fired(framesOf(file).map(seen))).toEqual([]);
  });
});
