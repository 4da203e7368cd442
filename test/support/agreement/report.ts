import type { Comparison } from './compare.ts';
import type { Explanation } from './explained.ts';
import type { Protocol } from './protocol.ts';

/** docs/agreement.md. */
export function report(
  { tallies, differences, frames }: Comparison,
  captures: number,
  protocols: readonly Protocol[],
  explained: readonly Explanation[],
): string {
  const seen = protocols.filter(({ name }) => (tallies.get(name)?.frames ?? 0) > 0);
  const unseen = protocols.filter((protocol) => !seen.includes(protocol));
  const rows = seen.map(({ name, fields }) => {
    const tally = tallies.get(name) ?? { frames: 0, compared: 0, equal: 0 };
    return `| ${name} | ${fields.length} | ${tally.frames} | ${tally.compared} | ${percent(tally.equal, tally.compared)} | ${tally.compared - tally.equal} |`;
  });
  const compared = [...tallies.values()].reduce((sum, tally) => sum + tally.compared, 0);
  const equal = [...tallies.values()].reduce((sum, tally) => sum + tally.equal, 0);
  return `# Agreement with tshark

Every frame of every capture in \`fixtures/captures\`, those that are files of their own (lldpd's seeds, the checks of the
radiotap library), and about a hundred written down from the standards for protocols that no
capture has (CAPWAP, GENEVE, GTP-U, QUIC, IPv6 mobility, STP, LACP, RADIUS, mDNS, SSDP, 802.11 elements, mesh, BLE formats ... in
\`fixtures/built\` and \`test/support/agreement/synthetic.ts\`, read by tshark like the others), is decoded by airherd and by tshark, and compared field by
field, all occurrences in order: ${frames} frames of ${captures} captures, ${compared} fields of frames in which either
found something, ${equal} the same (${percent(equal, compared)}). tshark neither reassembles nor decrypts for this.
\`npm run docs:agreement\` writes this page; a test compares anew, fails on any difference without an explanation
below, on any explanation without a difference, and when this page is not what it would write.

| protocol | fields | frames | compared | agreement | explained |
|---|---:|---:|---:|---:|---:|
${rows.join('\n')}
${unseen.length === 0 ? '' : `\nIn the test but in no capture: ${unseen.map(({ name }) => name).join(', ')}.\n`}
## Differences and why

| protocol | count | why |
|---|---:|---|
${explained.map((entry) => `| ${entry.protocol === '*' ? 'any' : entry.protocol} | ${count(differences, entry, explained)} | ${entry.why} |`).join('\n')}

## Other witnesses

- **tcpdump** (\`test/contract/agreement-tcpdump.test.ts\`): addresses, type, length, IP addresses and ports at the front of
  each line of \`tcpdump -nn -e\`, all Ethernet captures, no exception.
- **lldpd** (\`test/contract/agreement-lldpd.test.ts\`): the LLDP captures replayed to the daemon in a network namespace;
  chassis, port, names, descriptions, time to live and management addresses are those of \`lldpcli -f json0\`. Left out are
  two fuzzed frames that lldpd refuses whole for an End TLV that is not empty.
- **BLE** is compared as a host controller reports it: the reports that btmon recorded, and one of each beacon format.
  tshark has no dissector for Eddystone, whose bytes are compared as service data, and its iBeacon dissector begins two
  bytes early, so an iBeacon is put together again from what was read and compared as manufacturer data.
  \`test/unit/ble/ibeacon-witness.test.ts\` gives it a beacon that begins there: UUID, major and minor stand where it and
  btmon find them, though both print the two numbers with their bytes swapped; Apple's are big-endian.
- **IP in IP** and all other tunnels: the fields of inner headers are further occurrences in the rows of their protocols.
- **Observations** (\`test/contract/agreement-observations.test.ts\`): hosts, addresses, names, users, user agents, states and
  signal of the recorded test beds against what tshark reads in them, with the frame that each came from.

## Fields

${seen.map(({ name, fields }) => `- **${name}**: ${fields.map((field) => `\`${field.name}\``).join(', ')}`).join('\n')}
`;
}

const percent = (part: number, whole: number): string => {
  const floored = Math.floor((part / whole) * 10_000) / 100;
  return `${floored}%`;
};

export const explanationOf = (
  difference: Comparison['differences'][number],
  explained: readonly Explanation[],
): Explanation | undefined =>
  explained.find(
    (entry) => (entry.protocol === '*' || entry.protocol === difference.protocol) && entry.covers(difference),
  );

const count = (
  differences: Comparison['differences'],
  entry: Explanation,
  explained: readonly Explanation[],
): number => differences.filter((difference) => explanationOf(difference, explained) === entry).length;
