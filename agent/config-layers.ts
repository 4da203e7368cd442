import { parse, YAMLParseError } from 'yaml';
import { AirherdError } from '../protocol/errors.ts';
import { type AgentConfig, parseConfig } from './config.ts';

const PREFIX = 'AIRHERD_AGENT_';

export type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface ConfigLayers {
  /** Text and name of the YAML file. */
  file?: { path: string; text: string };
  environment: Readonly<Record<string, string | undefined>>;
  /** As the command line gave them, in the shape of the configuration; absent ones undefined. */
  flags: Tree;
  /** What the cloud configured: over all that is local. */
  pushed?: Tree;
  /** What the firmware that runs brings: as code would, it does what it does whatever is set. */
  firmware?: Tree;
}

/**
 * Firmware over what the cloud configured over flags over environment over file over defaults; then all of it is judged
 * at once.
 */
export function layerConfig(layers: ConfigLayers): AgentConfig {
  const { file, environment, flags, pushed = {}, firmware = {} } = layers;
  const trees = [file ? parseYamlTree(file) : {}, environmentTree(environment), flags, pushed, firmware];
  const named = [
    file?.path,
    'environment',
    'flags',
    Object.keys(pushed).length > 0 ? 'cloud' : undefined,
    Object.keys(firmware).length > 0 ? 'firmware' : undefined,
  ].filter((name) => name !== undefined);
  return parseConfig(trees.reduce(merge, {}), `configuration (${named.join(', ')})`);
}

/** Throws config-invalid. */
export function parseYamlTree({ path, text }: { path: string; text: string }): Tree {
  try {
    const value: unknown = parse(text, { maxAliasCount: 0 }) ?? {};
    if (isTree(value)) return value;
  } catch (error) {
    const detail = error instanceof YAMLParseError ? error.message.split('\n')[0] : String(error);
    throw new AirherdError('config-invalid', { source: path, detail });
  }
  throw new AirherdError('config-invalid', { source: path, detail: 'must be a map of settings' });
}

/** AIRHERD_AGENT_CLOUD_URL is cloud.url, AIRHERD_AGENT_OUTBOX_LIMIT_BYTES is outbox.limitBytes. */
function environmentTree(environment: ConfigLayers['environment']): Tree {
  const tree: Tree = {};
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || text === undefined) continue;
    const [section, ...words] = name.slice(PREFIX.length).toLowerCase().split('_');
    const key = words
      .map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
      .join('');
    const inner = isTree(tree[section]) ? tree[section] : {};
    inner[key || name] = scalar(key, text);
    tree[section] = inner;
  }
  return tree;
}

/** Lists are separated by commas; whole numbers and booleans are read as what they are. */
function scalar(key: string, text: string): unknown {
  if (key === 'sources' || key === 'revoked') return text.split(',');
  if (/^\d+$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}

function merge(under: Tree, over: Tree): Tree {
  const merged: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const before = merged[key];
    merged[key] =
      isTree(before) && isTree(value) ? merge(before, value) : isTree(value) ? merge({}, value) : value;
  }
  return merged;
}
