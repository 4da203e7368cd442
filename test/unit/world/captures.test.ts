/** A capture of each kind of site that `world make` knows, while somebody joins, as tshark reads it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LinkType } from '../../../packets/linktype.ts';
import { WorldCapture } from '../../../world/engine/capture.ts';
import { siteCast } from '../../../world/engine/cast.ts';
import { undisturbed } from '../../../world/engine/network.ts';
import { World } from '../../../world/engine/world.ts';
import { LINKTYPE_BLE } from '../../../world/frames/btle.ts';
import { GENERATORS } from '../../../world/site/generators.ts';
import { SITE_KINDS, type SiteKind } from '../../../world/site/model.ts';
import { tsharkComplaints } from '../../support/read-frames.ts';
import { tsharkFields } from '../../support/tshark.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-captures-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Two seconds before somebody joins, and how many clients there are. */
const MOMENTS: Readonly<Record<SiteKind, { from: string; clients: number }>> = {
  home: { from: '2026-03-02T17:49:21Z', clients: 40 },
  office: { from: '2026-03-02T07:20:17Z', clients: 40 },
  school: { from: '2026-03-02T07:32:50Z', clients: 60 },
  hospital: { from: '2026-03-02T13:40:32Z', clients: 120 },
  // 20,000 seats, an hour before a match.
  stadium: { from: '2026-03-07T14:29:59Z', clients: 1000 },
  shop: { from: '2026-03-02T08:59:20Z', clients: 40 },
};
const SEATS = 20_000;
const SPAN_MS = 8_000;

test.each(SITE_KINDS)(
  '%s: not malformed, no error, every checksum right, every frame there',
  async (kind) => {
    const { from, clients } = MOMENTS[kind];
    const site = GENERATORS[kind]({ seed: 6, seats: SEATS });
    const cast = siteCast(site, { conditionsAt: undisturbed, clients });
    const world = new World(site, cast, { beaconsOneIn: 100 });
    const capture = new WorldCapture('test');
    const linkTypes = new Set<number>();
    let joins = 0;
    for (const step of world.run(Date.parse(from), Date.parse(from) + SPAN_MS)) {
      if (step.type === 'frame') {
        capture.add(step);
        linkTypes.add(step.linkType);
      } else if (step.fact.type === 'join') joins++;
    }
    expect(joins).toBeGreaterThan(0);
    expect([...linkTypes]).toEqual(expect.arrayContaining([LinkType.ethernet, LinkType.radiotap]));
    // Few of a school's clients advertise anything.
    if (kind !== 'school') expect(linkTypes).toContain(LINKTYPE_BLE);
    const path = join(dir, `${kind}.pcapng`);
    writeFileSync(path, capture.take());
    expect(tsharkComplaints(path)).toEqual([]);
    expect(await tsharkFields(path, ['frame.number'])).toHaveLength(capture.frames);
  },
);
