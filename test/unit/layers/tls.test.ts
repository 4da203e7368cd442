import { describe, expect, it } from 'vitest';
import type { ClientHello } from '../../../packets/layers/client-hello.ts';
import { ja4 } from '../../../packets/layers/ja4.ts';
import { quic } from '../../../packets/layers/quic.ts';
import { quicClientHello } from '../../../packets/layers/quic-initial.ts';
import { tls, tlsClientHello } from '../../../packets/layers/tls.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { Proto } from '../../../packets/protocols.ts';
import { layerOf } from '../../../packets/registry.ts';
import { dissected, dissectedFrame, layerNames, recordOf } from '../../support/dissected.ts';
import { tsharkTree } from '../../support/tshark-tree.ts';

const BUILT = 'fixtures/built/ip-and-up.pcap';
const TLS_FRAME = 65;
const QUIC_FRAME = 67;

describe('ClientHello', () => {
  const record = recordOf(dissectedFrame(BUILT, TLS_FRAME), tls);

  it('has the lists that tshark reads', () => {
    const fields = tsharkTree(BUILT)[TLS_FRAME - 1].find(({ name }) => name === 'tls')?.fields;
    const numbers = (field: string) => (fields?.get(field) ?? []).map(Number);
    const hello = record.clientHello;
    expect(hello?.cipherSuites).toEqual(numbers('tls.handshake.ciphersuite'));
    expect(hello?.extensions).toEqual(numbers('tls.handshake.extension.type'));
    expect(hello?.supportedGroups).toEqual(numbers('tls.handshake.extensions_supported_group'));
    expect(hello?.signatureAlgorithms).toEqual(numbers('tls.handshake.sig_hash_alg'));
    expect(hello?.supportedVersions).toEqual(numbers('tls.handshake.extensions.supported_version'));
    expect(hello?.alpn).toEqual(fields?.get('tls.handshake.extensions_alpn_str'));
    expect(hello?.cipherSuites).toHaveLength(2);
    expect(hello?.complete).toBe(true);
  });

  it('is told without the server name that it holds, by every layer', () => {
    for (const number of [TLS_FRAME, QUIC_FRAME]) {
      const d = dissectedFrame(BUILT, number);
      const records = Array.from({ length: d.count }, (_, i) => layerOf[d.proto[i]]?.record(d, i));
      expect(JSON.stringify(records)).not.toContain('example.com');
    }
    const d = dissectedFrame(BUILT, TLS_FRAME);
    expect(Buffer.from(d.frame).toString('latin1')).toContain('example.com');
    expect(record.clientHello?.hasServerName).toBe(true);
  });

  it('that goes on in the next segment is marked incomplete', () => {
    const d = dissectedFrame(BUILT, TLS_FRAME);
    const i = d.find(Proto.tls);
    const cut = tlsClientHello(d.frame, d.start[i], d.end[i] - 40);
    expect(cut?.complete).toBe(false);
    expect(cut?.cipherSuites).toEqual([0x1301, 0x1302]);
  });
});

describe('TLS records', () => {
  it('are listed to the end of the segment', () => {
    expect(recordOf(dissectedFrame(BUILT, 66), tls)).toEqual({
      records: [
        { contentType: 20, version: 0x0303, length: 1 },
        { contentType: 23, version: 0x0303, length: 32 },
      ],
    });
  });

  it('are not guessed in the middle of a stream', () => {
    const d = dissectedFrame(BUILT, TLS_FRAME);
    const middle = Uint8Array.from(d.frame);
    middle[d.start[d.find(Proto.tls)]] = 0x99;
    expect(layerNames(dissected(middle, LinkType.ethernet))).toEqual(['ethernet', 'ipv4', 'tcp']);
  });
});

describe('QUIC', () => {
  const d = dissectedFrame(BUILT, QUIC_FRAME);
  const i = d.find(Proto.quic);

  it('Initial of RFC 9001 appendix A.2 gives up the ClientHello of the RFC', () => {
    expect(recordOf(d, quic)).toMatchObject({
      version: 1,
      packetType: 'initial',
      destinationConnectionId: '8394c8f03e515708',
      sourceConnectionId: '',
      tokenBytes: 0,
      length: 1182,
    });
    const overTcp = recordOf(dissectedFrame(BUILT, TLS_FRAME), tls).clientHello;
    expect(quicClientHello(d.frame, d.start[i], d.end[i])).toEqual(overTcp);
  });

  it('Initial with one bit changed gives up nothing', () => {
    const changed = Uint8Array.from(d.frame);
    changed[d.end[i] - 1] ^= 1;
    expect(quicClientHello(changed, d.start[i], d.end[i])).toBeNull();
    expect(quicClientHello(d.frame, d.start[i], d.end[i] - 1)).toBeNull();
  });

  it('version negotiation is named as such', () => {
    expect(recordOf(dissectedFrame(BUILT, 68), quic)).toMatchObject({
      version: 0,
      destinationConnectionId: '1111111111111111',
      sourceConnectionId: '2222222222222222',
    });
  });
});

describe('JA4', () => {
  /** The worked example of the JA4 technical details, in an order of its own and with GREASE. */
  const hello: ClientHello = {
    legacyVersion: 0x0303,
    cipherSuites: [
      0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
      0x009d, 0x002f, 0x0035,
    ],
    extensions: [
      0x3a3a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b,
      0xff01, 0x000b, 0x000a, 0x0015,
    ],
    hasServerName: true,
    supportedVersions: [0x6a6a, 0x0304, 0x0303],
    supportedGroups: [],
    signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
    alpn: ['h2', 'http/1.1'],
    complete: true,
  };

  it('of the published example is the published fingerprint', () => {
    expect(ja4(hello, 'tcp')).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  it('tells QUIC, missing names and missing protocols apart', () => {
    const bare = {
      ...hello,
      hasServerName: false,
      alpn: [],
      extensions: hello.extensions.filter((e) => e !== 0 && e !== 16),
    };
    expect(ja4(bare, 'quic')).toBe('q13i151400_8daaf6152771_e5627efa2ab1');
    expect(ja4({ ...hello, alpn: ['http/1.1'] }, 'tcp')).toMatch(/^t13d1516h1_/);
  });

  it('of nothing has zeros for hashes', () => {
    const empty = {
      ...hello,
      cipherSuites: [],
      extensions: [],
      signatureAlgorithms: [],
      supportedVersions: [],
    };
    expect(ja4(empty, 'tcp')).toBe('t12d0000h2_000000000000_000000000000');
  });
});
