import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { Observer } from '../../../packets/observe/observer.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { bytes, capturePath, FrameFeed } from '../../support/observe.ts';

interface Sample {
  frame: Uint8Array;
  linkType: number;
}

/** Frames of all captures, each shape once: 20 of a capture say as much as 2,000. */
function samples(): Sample[] {
  const found: Sample[] = [];
  for (const name of readdirSync(capturePath('.'), { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.(pcap|pcapng)$/.test(name)) continue;
    const reader = new CaptureReader();
    reader.feed(readFileSync(capturePath(name)));
    for (let i = 0; i < 20 && reader.next(); i++) {
      const frame = reader.frame.bytes().slice(0, 1600);
      found.push({ frame, linkType: reader.frame.linkType });
    }
  }
  return found;
}

const all = samples();

function observe(observer: Observer, d: Dissection, frame: Uint8Array, linkType: number): void {
  dissect(d, frame, linkType);
  observer.frame(d, { timeMs: 0, number: 1, interfaceName: 'eth0', originalLength: frame.length });
}

function everything(observer: Observer): number {
  const { neighbours } = observer.changed();
  return (
    observer.clients().length +
    observer.wiredHosts().length +
    observer.accessPoints().length +
    neighbours.length
  );
}

describe('hostile frames', () => {
  test('no prefix of any frame makes the observer throw', () => {
    const observer = new Observer();
    const d = new Dissection();
    for (const { frame, linkType } of all) {
      for (let length = 0; length <= frame.length; length++) {
        observe(observer, d, frame.subarray(0, length), linkType);
      }
    }
    expect(everything(observer)).toBeGreaterThan(50);
  });

  test('no changed byte does, and the tables stay within their bounds', () => {
    const limits = { maxHosts: 64, maxAccessPoints: 8, maxNeighbours: 8, maxBleDevices: 8 };
    const observer = new Observer(limits);
    const d = new Dissection();
    for (const { frame, linkType } of all) {
      const changed = frame.slice(0, 400);
      for (let at = 0; at < changed.length; at++) {
        for (const value of [0x00, 0xff, changed[at] ^ 0x01, changed[at] ^ 0x80]) {
          const original = changed[at];
          changed[at] = value;
          observe(observer, d, changed, linkType);
          changed[at] = original;
        }
      }
    }
    expect(
      observer.clients().length + new Set(observer.wiredHosts().map(({ mac }) => mac)).size,
    ).toBeLessThanOrEqual(64);
    expect(observer.accessPoints().length).toBeLessThanOrEqual(8);
    expect(observer.neighbours().length).toBeLessThanOrEqual(8);
    expect(observer.totals().evicted.hosts).toBeGreaterThan(0);
  });

  test('names are kept as they were sent, up to 255 characters', () => {
    const dhcp = (name: Buffer): Uint8Array => {
      const options = bytes('63 82 53 63 35 01 03 0c', [name.length], name, 'ff');
      const message = bytes(
        '01 01 06 00 00 00 00 01',
        '00'.repeat(20),
        '02 11 22 33 44 55',
        '00'.repeat(202),
        options,
      );
      const udp = bytes('00 44 00 43', u16(8 + message.length), '00 00', message);
      return bytes(
        'ff ff ff ff ff ff 02 11 22 33 44 55 08 00 45 00',
        u16(20 + udp.length),
        '00 00 00 00 40 11 00 00 00 00 00 00 ff ff ff ff',
        udp,
      );
    };
    const hostile = '\u001b]0;owned\u0007<img src=x onerror=alert(1)>\u202e';
    const feed = new FrameFeed();
    feed.feed(dhcp(Buffer.from(hostile)));
    expect(feed.observer.wiredHosts()[0].hostName).toBe(hostile);
    feed.feed(dhcp(Buffer.alloc(255, 'n')));
    expect(feed.observer.wiredHosts()[0].hostName).toBe('n'.repeat(255));
    feed.feed(dhcp(Buffer.alloc(0)));
    expect(feed.observer.wiredHosts()[0].hostName).toBe('n'.repeat(255));
  });
});

const u16 = (value: number): number[] => [value >> 8, value & 255];

describe('names from other protocols', () => {
  const PHONE = '02 11 22 33 44 55';
  const SERVER = '00 1b 21 aa bb cc';
  const udp4 = (sender: string, from: number, to: number, payload: Uint8Array): Uint8Array => {
    const udp = bytes(u16(from), u16(to), u16(8 + payload.length), '00 00', payload);
    return bytes(
      SERVER,
      sender,
      '08 00 45 00',
      u16(20 + udp.length),
      '00 00 00 00 40 11 00 00 0a 00 00 05 0a 00 00 01',
      udp,
    );
  };

  test('multicast DNS: the owner of the address records (RFC 6762)', () => {
    const name = bytes([6], Buffer.from('tablet'), [5], Buffer.from('local'), '00');
    const answer = bytes(name, '00 01 80 01 00 00 00 78 00 04 0a 00 00 05');
    const feed = new FrameFeed();
    const frame = feed.feed(udp4(PHONE, 5353, 5353, bytes('00 00 84 00 00 00 00 01 00 00 00 00', answer)));
    const [host] = feed.observer.wiredHosts();
    expect([host.hostName, host.provenance.hostName]).toEqual(['tablet', frame]);
  });

  test('RADIUS: the user of the station that is asked about (RFC 3580 3.21), if it was heard', () => {
    const attribute = (type: number, value: string): Uint8Array =>
      bytes([type, 2 + value.length], Buffer.from(value));
    const request = (station: string): Uint8Array => {
      const attributes = bytes(attribute(1, 'CORP\\dave'), attribute(31, station));
      return udp4(
        SERVER,
        40000,
        1812,
        bytes('01 07', u16(20 + attributes.length), '00'.repeat(16), attributes),
      );
    };
    const feed = new FrameFeed();
    feed.feed(request('02-11-22-33-44-55'));
    expect(feed.observer.wiredHosts().map(({ mac }) => mac)).toEqual(['00:1b:21:aa:bb:cc']);
    feed.feed(udp4(PHONE, 40000, 9, bytes('00')));
    feed.feed(request('0211.2233.4455'));
    const host = feed.observer.wiredHosts().find(({ mac }) => mac === '02:11:22:33:44:55');
    expect([host?.userName, host?.provenance.userName]).toEqual(['CORP\\dave', 3]);
  });

  test('DHCPv6: the client name option (RFC 4704)', () => {
    const name = bytes('00', [7], Buffer.from('printer'));
    const message = bytes('01 00 00 01 00 27', u16(name.length), name);
    const udp = bytes(u16(546), u16(547), u16(8 + message.length), '00 00', message);
    const feed = new FrameFeed();
    feed.feed(
      bytes(
        '33 33 00 01 00 02',
        PHONE,
        '86 dd 60 00 00 00',
        u16(udp.length),
        '11 01 fe 80',
        '00'.repeat(13),
        '05 ff 02',
        '00'.repeat(11),
        '01 00 02',
        udp,
      ),
    );
    expect(feed.observer.wiredHosts()).toMatchObject([{ hostName: 'printer', ip6: ['fe80::5'] }]);
  });

  test('a wildcard of EAP: only a response names the user, not the request', () => {
    const eap = (sender: string, code: number, text: string): Uint8Array =>
      bytes(
        '01 80 c2 00 00 03',
        sender,
        '88 8e 01 00',
        u16(5 + text.length),
        [code, 1],
        u16(5 + text.length),
        '01',
        Buffer.from(text),
      );
    const feed = new FrameFeed();
    feed.feed(eap(SERVER, 1, 'Please say who you are'));
    const frame = feed.feed(eap(PHONE, 2, 'erin@corp.example'));
    expect(
      feed.observer.wiredHosts().map(({ userName, provenance }) => [userName, provenance.userName]),
    ).toEqual([
      ['erin@corp.example', frame],
      [undefined, undefined],
    ]);
  });
});
