import { Cut, Zeroed } from './walk.ts';

const CUT_NAMES: Record<Cut, string> = {
  [Cut.none]: '',
  [Cut.payload]: 'payload',
  [Cut.encrypted]: 'encrypted',
  [Cut.fragment]: 'fragment',
  [Cut.unknown]: 'unknown-protocol',
  [Cut.malformed]: 'malformed',
  [Cut.truncated]: 'capture-ended',
  [Cut.limit]: 'limit',
  [Cut.badFcs]: 'bad-fcs',
};

const ZEROED_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [Zeroed.checksum, 'checksum'],
  [Zeroed.ipOptions, 'ip-options'],
  [Zeroed.tcpOptions, 'tcp-options'],
  [Zeroed.elements, 'elements'],
  [Zeroed.ssid, 'ssid'],
  [Zeroed.tlvs, 'tlvs'],
  [Zeroed.authentication, 'authentication'],
  [Zeroed.metadata, 'metadata'],
  [Zeroed.parameters, 'parameters'],
];

/** `cut=payload zeroed=checksum,tcp-options`: why the prefix ends and what was overwritten in it. */
export function flagsText(cut: number, zeroed: number): string {
  const names = ZEROED_NAMES.filter(([bit]) => (zeroed & bit) !== 0).map(([, name]) => name);
  const reason = CUT_NAMES[cut as Cut];
  const parts = [];
  if (reason !== '') parts.push(`cut=${reason}`);
  if (names.length > 0) parts.push(`zeroed=${names.join(',')}`);
  return parts.join(' ');
}
