/** Bytes are those of MQTT 3.1.1, clause by clause; what one client does, the other does too. */
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { mqttClient } from '../../../agent/mqtt/client.ts';
import type { ConnectMqtt } from '../../../agent/mqtt/connection.ts';
import { leanMqttClient } from '../../../agent/mqtt/lean-client.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import type { Clock } from '../../../platform/ports/clock.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';

const KEEPALIVE_S = 60;
/** 3.1: header, "MQTT", level 4, user name + password + clean session, keep alive, client id, user name, password. */
const CONNECT = '1019 0004 4d515454 04 c2 003c 0003 616231 0003 616231 0003 010203';
/** 3.2: accepted, no session present. */
const CONNACK = '20020000';
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function connected(connect: ConnectMqtt, clock: Clock = nodeClock) {
  const [stream, peer] = duplexPair();
  const told = {
    onConnected: vi.fn(),
    onMessage: vi.fn(),
    onTooLarge: vi.fn(),
    onError: vi.fn(),
    onClosed: vi.fn(),
  };
  const client = connect(stream, {
    clientId: 'ab1',
    username: 'ab1',
    password: Buffer.of(1, 2, 3),
    keepaliveS: KEEPALIVE_S,
    timeoutMs: 30_000,
    maxPacketBytes: 1024,
    clock,
    ...told,
  });
  return { client, stream, peer, ...told };
}

/** So many bytes that the client has said. */
async function said(peer: Duplex, length: number): Promise<string> {
  for (;;) {
    const bytes: Buffer | null = peer.read(length);
    if (bytes !== null) return bytes.toString('hex');
    await once(peer, 'readable');
  }
}

const saidConnect = (peer: Duplex) => said(peer, hex(CONNECT).length);

describe.each([
  ['MQTT.js', mqttClient],
  ['the lean client', leanMqttClient],
])('%s', (_, connect) => {
  it('says CONNECT, and takes a CONNACK that comes byte by byte', async () => {
    const { client, peer, onConnected } = connected(connect);
    expect(await saidConnect(peer)).toBe(hex(CONNECT).toString('hex'));
    for (const byte of hex(CONNACK)) peer.write(Buffer.of(byte));
    await vi.waitFor(() => expect(onConnected).toHaveBeenCalledOnce());
    client.end();
  });

  it('tells the return code of a CONNACK that refuses', async () => {
    const { client, peer, onConnected, onError } = connected(connect);
    peer.write(hex('20020005'));
    await vi.waitFor(() => expect(onError).toHaveBeenCalledOnce());
    expect(onError.mock.calls[0][0].code).toBe(5);
    expect(onConnected).not.toHaveBeenCalled();
    client.end();
  });

  it.each([
    ['01', 1],
    ['00', 0],
    ['80', null],
  ])('subscribes; SUBACK with %s grants %s', async (code, granted) => {
    const { client, peer, onConnected } = connected(connect);
    await saidConnect(peer);
    peer.write(hex(CONNACK));
    await vi.waitFor(() => expect(onConnected).toHaveBeenCalled());
    const done = vi.fn();
    client.subscribe('a/#', done);
    const request = await said(peer, 10);
    expect(request).toMatch(/^8208....0003612f2301$/);
    peer.write(hex(`9003${request.slice(4, 8)}${code}`));
    await vi.waitFor(() => expect(done).toHaveBeenCalledWith(granted));
    client.end();
  });

  it('publishes with QoS 1, and says when it is taken', async () => {
    const { client, peer, onConnected } = connected(connect);
    await saidConnect(peer);
    peer.write(hex(CONNACK));
    await vi.waitFor(() => expect(onConnected).toHaveBeenCalled());
    const onTaken = vi.fn();
    client.publish('a/b', Buffer.of(7, 8), onTaken);
    const packet = await said(peer, 11);
    expect(packet).toMatch(/^32090003612f62....0708$/);
    expect(onTaken).not.toHaveBeenCalled();
    peer.write(hex(`4002${packet.slice(14, 18)}`));
    await vi.waitFor(() => expect(onTaken).toHaveBeenCalledOnce());
    client.end();
  });

  it('takes messages however they are cut, and acknowledges QoS 1', async () => {
    const { client, peer, onConnected, onMessage } = connected(connect);
    await saidConnect(peer);
    peer.write(hex(CONNACK));
    await vi.waitFor(() => expect(onConnected).toHaveBeenCalled());
    const packets = hex('3209 0003 612f62 1234 0708  3005 0001 78 09 09');
    peer.write(packets.subarray(0, 6));
    peer.write(packets.subarray(6, 13));
    peer.write(packets.subarray(13));
    await vi.waitFor(() => expect(onMessage).toHaveBeenCalledTimes(2));
    expect(onMessage.mock.calls.map(([topic, payload]) => [topic, payload.toString('hex')])).toEqual([
      ['a/b', '0708'],
      ['x', '0909'],
    ]);
    expect(await said(peer, 4)).toBe('40021234');
    client.end();
  });

  it('says that a packet is too large before it is whole', async () => {
    const { client, peer, onMessage, onTooLarge } = connected(connect);
    peer.write(Buffer.concat([hex(CONNACK), hex('30 ff7f'), Buffer.alloc(2000)]));
    await vi.waitFor(() => expect(onTooLarge).toHaveBeenCalled());
    expect(onMessage).not.toHaveBeenCalled();
    client.end();
  });

  it('says once that the stream is closed', async () => {
    const { client, stream, onClosed } = connected(connect);
    stream.destroy();
    await vi.waitFor(() => expect(onClosed).toHaveBeenCalledOnce());
    client.end();
    await new Promise(setImmediate);
    expect(onClosed).toHaveBeenCalledOnce();
  });

  it.each([
    ['a length of five bytes', '30 8080808001'],
    ['a PUBACK with flags', '45 02 0001'],
    ['no packet type', '00 00'],
  ])('reports %s', async (_what, bytes) => {
    const { client, peer, onError, onTooLarge } = connected(connect);
    peer.write(hex(CONNACK));
    peer.write(hex(bytes));
    await vi.waitFor(() => expect(onError.mock.calls.length + onTooLarge.mock.calls.length).toBe(1));
    client.end();
  });
});

describe('the lean client alone', () => {
  it('says PINGREQ after a keep-alive of silence, and gives up a peer that does not answer', async () => {
    const clock = new VirtualClock(0);
    const { client, peer, onError } = connected(leanMqttClient, clock);
    await saidConnect(peer);
    await clock.advance(KEEPALIVE_S * 1000);
    expect(await said(peer, 2)).toBe('c000');
    peer.write(hex('d000'));
    await new Promise(setImmediate);
    client.publish('a', Buffer.alloc(0));
    await said(peer, 7);
    await clock.advance(KEEPALIVE_S * 500);
    expect(peer.read()).toBeNull();
    await clock.advance(KEEPALIVE_S * 500);
    expect(await said(peer, 2)).toBe('c000');
    expect(onError).not.toHaveBeenCalled();
    await clock.advance(KEEPALIVE_S * 500);
    expect(onError).toHaveBeenCalledOnce();
    client.end();
  });

  it('reads on where the packet of another connection was malformed', async () => {
    const [bad, good] = [connected(leanMqttClient), connected(leanMqttClient)];
    bad.peer.write(hex('32 04 0009 6162'));
    await vi.waitFor(() => expect(bad.onError).toHaveBeenCalledOnce());
    good.peer.write(hex(CONNACK));
    await vi.waitFor(() => expect(good.onConnected).toHaveBeenCalledOnce());
    for (const { client } of [bad, good]) client.end();
  });
});
