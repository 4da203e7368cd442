import { CaptureFileSource } from '../../../platform/node/capture-file.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import type { Source } from '../../../platform/ports/source.ts';
import type { SharedWorld } from '../../../platform/sim/world-source.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { liveSource } from './live-sources.ts';
import { parseWorldSpec } from './world-spec.ts';

export const SOURCE_HELP =
  'what to observe: live:IF (dumpcap, else tcpdump; ?filter=udp&snap=256), dumpcap:IF, tcpdump:IF, ' +
  'hostapd:IF (?control=DIR), iw:IF, bridge:BR, lldpd[:SOCKET] (?announce=eth0 tells its neighbours of us), ' +
  'ble[:hci0] (?interval=100&window=50&duplicates=off&package=@stoprocent/noble), ' +
  'file:PATH (pcap, pcapng), replay:PATH (at the speed of capture), pipe:PATH, stdin, ' +
  'world:SITE.yaml#DEVICE (a simulated site; ?speed=10&start=TIME&for=1h before the #)';

/**
 * Sources as configuration names them; those of one world share it. Throws usage-invalid listing every one that
 * is not understood, and what reading a site throws.
 */
export async function openSources(specs: readonly string[]): Promise<Source[]> {
  const wrong = specs.filter((spec) => parseWorldSpec(spec) === null && captureOf(spec) === null);
  if (wrong.length > 0) {
    throw new AirherdError('usage-invalid', {
      detail: `no such source: ${wrong.join(', ')}; ${SOURCE_HELP}`,
    });
  }
  const worlds = new Map<string, SharedWorld>();
  const sources: Source[] = [];
  for (const spec of specs) {
    const world = parseWorldSpec(spec);
    if (world !== null) {
      const shared = worlds.get(world.world) ?? (await (await import('./open-world.ts')).openWorld(world));
      worlds.set(world.world, shared);
      sources.push(shared.source(world.device));
      continue;
    }
    const capture = captureOf(spec);
    if (capture !== null) sources.push(capture);
  }
  return sources;
}

function captureOf(spec: string): Source | null {
  if (spec === 'stdin') return new CaptureFileSource({ path: '-' });
  const live = liveSource(spec);
  if (live !== null) return live;
  const [, kind, path] = /^(file|pipe|replay):(.+)$/s.exec(spec) ?? [];
  if (kind === undefined) return null;
  if (kind === 'replay') return new CaptureFileSource({ path, pace: { clock: nodeClock, speed: 1 } });
  return new CaptureFileSource({ path });
}
