import { describe, expect, it } from 'vitest';
import {
  HeadKind,
  headEnd,
  headerValue,
  headFields,
  headKind,
  requestLine,
} from '../../../packets/layers/http-head.ts';
import { RadiusAttribute, radius, radiusText } from '../../../packets/layers/radius.ts';
import { ssdp } from '../../../packets/layers/ssdp.ts';
import { Proto } from '../../../packets/protocols.ts';
import { dissectedFrame, recordOf } from '../../support/dissected.ts';

const BUILT = 'fixtures/built/ip-and-up.pcap';
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

describe('HTTP heads', () => {
  const head = 'GET /x?y HTTP/1.1\r\nHost: a.example\r\nUSER-AGENT: \t Probe/1.0 (x) \r\nEmpty:\r\n\r\n';
  const bytes = ascii(`${head}body: no header`);

  it('are read field by field', () => {
    expect(headKind(bytes, 0, bytes.length)).toBe(HeadKind.request);
    expect(headEnd(bytes, 0, bytes.length)).toBe(head.length);
    expect(requestLine(bytes, 0, bytes.length)).toEqual({ method: 'GET', target: '/x?y' });
    expect(headerValue(bytes, 0, bytes.length, 'user-agent')).toBe('Probe/1.0 (x)');
    expect(headerValue(bytes, 0, bytes.length, 'empty')).toBe('');
    expect(headerValue(bytes, 0, bytes.length, 'host')).toBe('a.example');
    expect(headerValue(bytes, 0, bytes.length, 'body')).toBeNull();
    expect(headerValue(bytes, 0, bytes.length, 'hos')).toBeNull();
  });

  it('end lines at a bare LF too, and may go on in another segment', () => {
    const cut = ascii('POST / HTTP/1.0\nHost: a\nUser-Agent: cut o');
    expect(headFields(cut, 0, cut.length)).toEqual({
      kind: 'request',
      method: 'POST',
      target: '/',
      version: 'HTTP/1.0',
      headers: [
        ['Host', 'a'],
        ['User-Agent', 'cut o'],
      ],
      complete: false,
    });
    expect(headEnd(cut, 0, cut.length)).toBe(cut.length);
  });

  it('of responses have a status and a reason', () => {
    const response = ascii('HTTP/1.1 404 Not Found\r\nServer: s\r\n\r\n');
    expect(headFields(response, 0, response.length)).toMatchObject({
      kind: 'response',
      status: 404,
      reason: 'Not Found',
      complete: true,
    });
  });

  it('join folded lines (RFC 9112 §5.2)', () => {
    const folded = ascii('GET / HTTP/1.1\r\nX-A: one\r\n  two\r\n\r\n');
    expect(headFields(folded, 0, folded.length).headers).toEqual([['X-A', 'one two']]);
  });

  it.each([
    'GET / \r\n',
    'get / HTTP/1.1\r\n',
    'GET',
    '\r\n',
    '<html>',
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/2 200\r\n',
  ])('are not seen in %j', (text) => {
    const other = ascii(text);
    expect(headKind(other, 0, other.length)).toBe(HeadKind.none);
  });

  it('of SSDP name the server', () => {
    const d = dissectedFrame(BUILT, 70);
    const i = d.find(Proto.ssdp);
    expect(headerValue(d.frame, d.start[i], d.end[i], 'server')).toBe('Linux/6 UPnP/1.1 Box/2');
    expect(recordOf(d, ssdp).method).toBe('NOTIFY');
  });
});

describe('RADIUS', () => {
  it('gives user and station', () => {
    const d = dissectedFrame(BUILT, 69);
    const i = d.find(Proto.radius);
    const value = (type: number) => radiusText(d.frame, d.start[i], d.end[i], type);
    expect(value(RadiusAttribute.userName)).toBe('alice');
    expect(value(RadiusAttribute.callingStationId)).toBe('02-00-00-00-00-01');
    expect(value(RadiusAttribute.calledStationId)).toBe('02-00-00-00-00-02:corp');
    expect(value(RadiusAttribute.nasIdentifier)).toBeNull();
    expect(recordOf(d, radius).attributes.find(({ type }) => type === 26)?.vendorId).toBe(14179);
    expect(recordOf(d, radius).attributes.find(({ type }) => type === 61)?.value).toBe(19);
  });
});
