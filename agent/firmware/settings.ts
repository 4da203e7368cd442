import { z } from 'zod';
import { AirherdError } from '../../protocol/errors.ts';
import { parseYamlTree, type Tree } from '../config-layers.ts';

/** An image moves neither the outbox, nor what judges it. */
const SECTIONS = ['cloud', 'backoff', 'report', 'capture', 'log'] as const;
const sections = z.partialRecord(z.enum(SECTIONS), z.record(z.string(), z.unknown()));

/** The settings that an image brings; their values are judged with all others. Throws config-invalid. */
export function parseFirmwareSettings(yaml: string, source: string): Tree {
  const tree = parseYamlTree({ path: source, text: yaml });
  if (sections.safeParse(tree).success) return tree;
  const detail = `an image sets maps of ${SECTIONS.join(', ')}, and nothing else`;
  throw new AirherdError('config-invalid', { source, detail });
}
