import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dnsFields } from '../../../packets/layers/dns-message.ts';
import { dnsName } from '../../../packets/layers/dns-name.ts';
import { mdns, mdnsHostNames } from '../../../packets/layers/mdns.ts';
import { bytesOf, dissectedFrame, layerNames, recordOf } from '../../support/dissected.ts';

const BUILT = 'fixtures/built/ip-and-up.pcap';
const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));

const answer = fc.oneof(
  fc.record({ type: fc.constant('A' as const), name, ttl: fc.nat(), data: fc.ipV4() }),
  fc.record({ type: fc.constant('CNAME' as const), name, ttl: fc.nat(), data: name }),
  fc.record({ type: fc.constant('PTR' as const), name, ttl: fc.nat(), data: name }),
  fc.record({
    type: fc.constant('TXT' as const),
    name,
    ttl: fc.nat(),
    data: fc.array(label, { minLength: 1 }),
  }),
  fc.record({
    type: fc.constant('SRV' as const),
    name,
    ttl: fc.nat(),
    data: fc.record({ priority: fc.nat(65_535), weight: fc.nat(65_535), port: fc.nat(65_535), target: name }),
  }),
);

describe('DNS messages', () => {
  it('read back what dns-packet wrote', () => {
    const answers = fc.array(answer, { maxLength: 6 });
    fc.assert(
      fc.property(fc.nat(0xffff), name, answers, answers, (id, question, first, second) => {
        const wire = dnsPacket.encode({
          type: 'response',
          id,
          flags: dnsPacket.RECURSION_DESIRED,
          questions: [{ type: 'AAAA', name: question }],
          answers: structuredClone(first),
          additionals: structuredClone(second),
        });
        const record = dnsFields(wire, 0, wire.length);
        expect(record).toMatchObject({ id, response: true, recursionDesired: true, complete: true });
        expect(record.questions).toEqual([{ name: question, type: 28, class: 1, unicastResponse: false }]);
        const values = [...record.answers, ...record.additionals].map((r) => [r.name, r.ttlS]);
        expect(values).toEqual([...first, ...second].map((a) => [a.name, a.ttl]));
        [...record.answers, ...record.additionals].forEach((r, i) => {
          const { type, data } = [...first, ...second][i];
          if (type === 'A') expect(r.address).toBe(data);
          else if (type === 'TXT') expect(r.strings).toEqual(data);
          else if (type === 'SRV') {
            expect({ priority: r.priority, weight: r.weight, port: r.port, target: r.target }).toEqual(data);
          } else expect(r.target).toBe(data);
        });
      }),
    );
  });

  it('over TCP are read when whole, and left alone when they go on in the next segment', () => {
    expect(layerNames(dissectedFrame(BUILT, 60)).at(-1)).toBe('dns');
    expect(layerNames(dissectedFrame(BUILT, 61)).at(-1)).toBe('tcp');
  });

  it('say when a count promises more than is there', () => {
    const wire = dnsPacket.encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'a.b' }] });
    wire.writeUInt16BE(2, 4);
    expect(dnsFields(wire, 0, wire.length)).toMatchObject({ questions: [{ name: 'a.b' }], complete: false });
  });
});

describe('domain names', () => {
  it('escape dots, backslashes and control characters inside labels, and keep UTF-8', () => {
    const wire = bytesOf('06 612e625c6307 05 c3a9746566 00');
    expect(dnsName(wire, 0, 0, wire.length)?.text).toBe('a\\.b\\\\c\\007.étef');
  });

  it('of 255 bytes are read, of 256 not (RFC 1035 §3.1)', () => {
    const labels = (last: number) =>
      `${`3f${'61'.repeat(63)}`.repeat(3)}${last.toString(16)}${'61'.repeat(last)}00`;
    const [fits, too] = [bytesOf(labels(61)), bytesOf(labels(62))];
    expect(fits).toHaveLength(255);
    expect(dnsName(fits, 0, 0, fits.length)?.next).toBe(255);
    expect(dnsName(too, 0, 0, too.length)).toBeNull();
  });
});

describe('mDNS', () => {
  it('tells the host names that a response claims', () => {
    const record = recordOf(dissectedFrame(BUILT, 62), mdns);
    expect(mdnsHostNames(record)).toEqual(['host.local']);
    expect(record.answers[1]).toMatchObject({ cacheFlush: true, class: 1, target: 'host.local', port: 631 });
  });

  it('takes no host name from a question', () => {
    const record = recordOf(dissectedFrame(BUILT, 63), mdns);
    expect(record.questions[0]).toMatchObject({ name: 'host.local', unicastResponse: true });
    expect(mdnsHostNames(record)).toEqual([]);
  });
});
