import type { Command } from 'commander';
import type { DeviceRecord } from '../../../cloud-stub/registry/device.ts';
import type { Registry } from '../../../cloud-stub/registry/registry.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { sleep } from '../../../platform/ports/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { parseDuration } from '../../duration.ts';
import { type PackFlags, packSecret, withPack, withPackFlags } from '../../pack-secret.ts';
import { progressBar } from '../../progress-bar.ts';
import { readInput } from '../../read-input.ts';
import { upTo } from '../../whole-number.ts';

/** Which devices a command is about: one, those of a file, of a pack, or all that it applies to. */
export interface SelectionFlags extends PackFlags {
  all?: boolean;
  file?: string;
}

export interface WaveFlags {
  wave?: number;
  every?: number;
}

export const withSelectionFlags = (command: Command, all: string): Command =>
  withPackFlags(
    command.option('--all', all).option('--file <file>', 'one a line; # begins a comment'),
    'those of a pack that airherd device create --pack made',
  );

export const withWaveFlags = (command: Command): Command =>
  command
    .option('--wave <n>', 'so many at a time', upTo(1_000_000))
    .option('--every <duration>', 'a wave begins so long after the one before', parseDuration);

/** The names, in order. Throws usage-invalid unless exactly one way was chosen. */
export async function selected(
  given: string | undefined,
  flags: SelectionFlags,
  registry: Registry,
  applies: (device: DeviceRecord) => boolean,
): Promise<string[]> {
  const ways = [given, flags.all, flags.file, flags.pack].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    throw new AirherdError('usage-invalid', { detail: 'say one of: a device, --all, --file, --pack' });
  }
  if (given !== undefined) return [given];
  if (flags.file !== undefined) return listed(flags.file);
  if (flags.pack !== undefined) {
    return withPack(flags.pack, packSecret(flags), async (pack) =>
      pack.devices().map(({ serial }) => serial),
    );
  }
  return registry
    .list()
    .filter(applies)
    .map(({ serial }) => serial);
}

async function listed(path: string): Promise<string[]> {
  const lines = (await readInput(path)).split('\n');
  return lines.map((line) => line.replace(/#.*$/, '').trim()).filter((line) => line !== '');
}

export interface Done<T> {
  results: T[];
  failures: { device: string; code: string; message: string }[];
}

/** Does `each` for all, wave after wave; what fails for one does not end the others. */
export async function inWaves<T>(
  devices: readonly string[],
  { wave = devices.length, every = 0 }: WaveFlags,
  label: string,
  each: (device: string) => Promise<T> | T,
): Promise<Done<T>> {
  const bar = progressBar(label);
  const done: Done<T> = { results: [], failures: [] };
  let beginsMs = nodeClock.monoMs();
  for (let at = 0; at < devices.length; at += Math.max(1, wave)) {
    const waitMs = beginsMs - nodeClock.monoMs();
    if (waitMs > 0) await sleep(nodeClock, waitMs);
    beginsMs = Math.max(beginsMs, nodeClock.monoMs()) + every;
    for (const device of devices.slice(at, at + wave)) {
      try {
        done.results.push(await each(device));
      } catch (error) {
        if (!(error instanceof AirherdError)) throw error;
        done.failures.push({ device, code: error.code, message: error.message });
      }
      bar.show(done.results.length + done.failures.length, devices.length);
    }
  }
  bar.clear();
  return done;
}

/** Says what became of many; throws when not all went well. */
export function reportMany<T>(done: Done<T>, verb: string, json: boolean | undefined): void {
  const { results, failures } = done;
  if (json) console.log(JSON.stringify(done, null, 2));
  else {
    console.log(`${results.length} ${verb}`);
    for (const { device, message } of failures.slice(0, 20)) console.error(`airherd: ${device}: ${message}`);
    if (failures.length > 20) console.error(`airherd: and ${failures.length - 20} more`);
  }
  if (failures.length > 0) {
    throw new AirherdError('some-failed', { failed: failures.length, all: results.length + failures.length });
  }
}
