import type { Command } from 'commander';
import { parse } from 'yaml';
import { AirherdError } from '../../../../protocol/errors.ts';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../../cloud-api.ts';
import { parseDuration } from '../../../duration.ts';
import { readInput } from '../../../read-input.ts';
import { conclude, type WaitFlags } from './settled.ts';
import { pathOf, type Shown } from './shown.ts';

interface Options extends ApiFlags, WaitFlags {
  file?: string;
  confirm?: number;
}

export function configSet(group: Command): void {
  withApiFlags(
    group
      .command('set <serial> [setting...]')
      .description(
        'change settings, such as report.statsMs=30000 or capture.sources=[live:eth0]; without value: as it is locally',
      )
      .option('--file <file>', 'YAML or JSON of all settings that the cloud sets, instead of those so far')
      .option(
        '--confirm <duration>',
        'within that the device has to reach the cloud, or it goes back',
        parseDuration,
        120_000,
      )
      .option('--no-wait', 'do not wait for what the device says')
      .option('--json', 'print JSON'),
  ).action(run);
}

async function run(serial: string, words: string[], options: Options): Promise<void> {
  const { file, confirm = 0, wait, json, ...flags } = options;
  if (file === undefined && words.length === 0) {
    throw new AirherdError('usage-invalid', { detail: 'say what to set: section.key=value, or --file' });
  }
  const api = await openCloudApi(flags);
  const before = await api.json<Shown>(pathOf(serial));
  const settings = file === undefined ? structuredClone(before.settings) : await settingsOf(file);
  for (const word of words) apply(settings as Tree, word);
  const pushed = await api.json<Shown>(pathOf(serial), {
    method: 'PUT',
    body: { settings, confirmTimeoutS: Math.ceil(confirm / 1000) },
    ifMatch: `"${before.version}"`,
  });
  await conclude(api, pushed, { wait, json });
}

type Tree = Record<string, Record<string, unknown>>;

async function settingsOf(path: string): Promise<object> {
  const value = yamlOf(await readInput(path), path) ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw new AirherdError('config-invalid', { source: path, detail: 'must be a map of settings' });
}

/** `section.key=value`, the value as YAML; what the cloud makes of it is the cloud's to say. */
function apply(settings: Tree, word: string): void {
  const [, section, key, text] = /^([a-z]+)\.([A-Za-z]+)=(.*)$/s.exec(word) ?? [];
  if (section === undefined) {
    throw new AirherdError('usage-invalid', { detail: `${word}: must be section.key=value` });
  }
  const inner = { ...settings[section] };
  if (text === '') delete inner[key];
  else inner[key] = yamlOf(text, word);
  if (Object.keys(inner).length > 0) settings[section] = inner;
  else delete settings[section];
}

function yamlOf(text: string, source: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const detail = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new AirherdError('config-invalid', { source, detail }, { cause: error });
  }
}
