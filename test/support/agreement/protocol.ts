import type { Dissection } from '../../../packets/dissection.ts';
import type { Layer } from '../../../packets/layer.ts';
import { protoName } from '../../../packets/protocols.ts';

export type Value = string | number | boolean | bigint;

/** How tshark's text of a field is read. */
export type Kind = 'text' | 'number' | 'boolean' | 'hex' | 'decimal' | 'float';

export interface Field<R> {
  /** tshark's name. */
  name: string;
  kind: Kind;
  /** The same in our record; undefined and empty lists are "not there". */
  of(record: R): Value | readonly Value[] | null | undefined;
}

/** One protocol's fields, compared with tshark frame by frame. */
export interface Protocol {
  name: string;
  /** Its layer, as faults name it. */
  layer: string;
  fields: readonly { name: string; kind: Kind; values(d: Dissection): Value[] }[];
  /** Whether our dissection has the protocol. */
  isIn(d: Dissection): boolean;
  /** Frames that count, by what tshark found in them: protocols may share the names of their fields. */
  where?(stack: string): boolean;
}

/**
 * @param layer whose records are compared, all layers of a frame in order.
 * @param also records of the protocol that are no layers: packets quoted in ICMP errors.
 */
export function protocol<R>(
  name: string,
  layer: Layer<R>,
  fields: readonly Field<R>[],
  also: (d: Dissection) => R[] = () => [],
  where?: Protocol['where'],
): Protocol {
  const isIn = (d: Dissection): boolean => d.find(layer.proto) >= 0;
  const read = (d: Dissection): R[] => [...recordsOf(layer, d), ...also(d)];
  return { ...readings(name, protoName(layer.proto), fields, isIn, read), where };
}

/** Records of all layers of one protocol in a frame, in order. */
export function recordsOf<R>(layer: Layer<R>, d: Dissection): R[] {
  const records: R[] = [];
  for (let i = 0; i < d.count; i++) if (d.proto[i] === layer.proto) records.push(layer.record(d, i));
  return records;
}

/** One protocol whose records are not those of a layer. */
export function readings<R>(
  name: string,
  layer: string,
  fields: readonly Field<R>[],
  isIn: Protocol['isIn'],
  read: (d: Dissection) => R[],
): Protocol {
  // Records are made once per frame, not once per field.
  let of: Uint8Array | null = null;
  let cached: R[] = [];
  const records = (d: Dissection): R[] => {
    if (of === d.frame) return cached;
    of = d.frame;
    cached = read(d);
    return cached;
  };
  return {
    name,
    layer,
    isIn,
    fields: fields.map((field) => ({
      name: field.name,
      kind: field.kind,
      values: (d) =>
        records(d).flatMap((record) => {
          const value = field.of(record);
          if (value === undefined || value === null) return [];
          return Array.isArray(value) ? [...(value as readonly Value[])] : [value as Value];
        }),
    })),
  };
}

const field =
  (kind: Kind) =>
  <R>(name: string, of: Field<R>['of']): Field<R> => ({ name, kind, of });

export const text = field('text');
export const number = field('number');
export const flag = field('boolean');
/** Bytes, in hexadecimal with or without separators. */
export const hexField = field('hex');
/** 64-bit numbers as decimal text. */
export const decimal = field('decimal');
export const float = field('float');

const escapeText = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');

/** A value of ours in the form that `theirs` gives. */
export function ours(kind: Kind, value: Value): string {
  if (kind === 'text') return escapeText(String(value));
  if (kind === 'float') return String(Math.round(Number(value) * 1000) / 1000);
  if (kind === 'hex') return String(value).replace(/[:.-]/g, '').toLowerCase();
  return String(value);
}

export function theirs(kind: Kind, text: string): string {
  // An empty value.
  if (text === '<MISSING>' || text === '<missing>') return '';
  switch (kind) {
    case 'number':
      return String(Number(text));
    case 'decimal':
      return BigInt(text).toString();
    case 'boolean':
      return String(text === '1' || text === 'True');
    case 'float':
      return String(Math.round(Number(text) * 1000) / 1000);
    case 'hex':
      return text.replace(/^0x/, '').replace(/[:.-]/g, '').toLowerCase();
    case 'text':
      return text;
  }
}
