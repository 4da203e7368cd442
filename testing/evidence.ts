/** What a failed test leaves for whoever looks at it: seed, steps, logs, frames, and how to have it all again. */
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { WorldCapture } from '../world/engine/capture.ts';
import type { WorldFrame } from '../world/engine/world.ts';

export interface Evidence {
  seed: number;
  message: string;
  scenario: object;
  log: readonly string[];
  facts: readonly object[];
  /** SHA-256 of what each device has sent, stream by stream. */
  digests: Readonly<Record<string, string>>;
  frames: readonly WorldFrame[];
  folder: string | undefined;
  /** Undefined: the scenario does it. */
  replay: string | undefined;
}

/** As it is called where airherd is a dependency. */
export const replayOf = (file: string): string => `npx airherd scenario run ${file}`;

export function pcapngOf(frames: readonly WorldFrame[]): Uint8Array {
  const capture = new WorldCapture('airherd lab');
  for (const frame of frames) capture.add(frame);
  return Uint8Array.from(capture.take());
}

let failures = 0;

/** Returns the folder. */
export async function leaveEvidence(evidence: Evidence): Promise<string> {
  const root = evidence.folder ?? process.env.AIRHERD_LAB_DIR ?? join(tmpdir(), 'airherd-failures');
  const folder = join(root, `seed-${evidence.seed}-${process.pid}-${++failures}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const command = evidence.replay ?? replayOf(join(folder, 'scenario.yaml'));
  const write = (name: string, content: string | Uint8Array) =>
    writeFile(join(folder, name), content, { mode: 0o600 });
  const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await write('failure.txt', `${evidence.message}\n\nseed: ${evidence.seed}\nreplay: ${command}\n`);
  await write('scenario.yaml', stringify(evidence.scenario));
  await write('log.ndjson', evidence.log.join(''));
  await write('facts.ndjson', lines(evidence.facts));
  await write('digests.json', `${JSON.stringify(evidence.digests, null, 2)}\n`);
  await write('frames.pcapng', pcapngOf(evidence.frames));
  return folder;
}
