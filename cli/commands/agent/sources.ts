import { CaptureFileSource } from '../../../platform/node/capture-file.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import type { Source } from '../../../platform/ports/source.ts';
import { AirherdError } from '../../../protocol/errors.ts';

export const SOURCE_HELP =
  'what to observe: file:PATH (pcap, pcapng), replay:PATH (at the speed of capture), pipe:PATH, stdin';

/** Sources as configuration names them. Throws usage-invalid listing every one that is not understood. */
export function openSources(specs: readonly string[]): Source[] {
  const wrong = specs.filter((spec) => sourceOf(spec) === null);
  if (wrong.length > 0) {
    throw new AirherdError('usage-invalid', {
      detail: `no such source: ${wrong.join(', ')}; ${SOURCE_HELP}`,
    });
  }
  return specs.map((spec) => sourceOf(spec)).filter((source) => source !== null);
}

function sourceOf(spec: string): Source | null {
  if (spec === 'stdin') return new CaptureFileSource({ path: '-' });
  const [, kind, path] = /^(file|pipe|replay):(.+)$/s.exec(spec) ?? [];
  if (kind === undefined) return null;
  if (kind === 'replay') return new CaptureFileSource({ path, pace: { clock: nodeClock, speed: 1 } });
  return new CaptureFileSource({ path });
}
