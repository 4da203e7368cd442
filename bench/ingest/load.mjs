/** What devices send, made before the clock starts: encoded messages of many devices, in the order of their coming. */
import { randomBytes } from 'node:crypto';
import { encode } from '../../dist/protocol/codec.js';
import { packRssi } from '../../dist/protocol/messages/rssi.js';

/** Of every ten messages of a device. */
const MIX = ['stats', 'clients', 'rssi', 'rssi', 'clients', 'rssi', 'rssi', 'clients', 'rssi', 'rssi'];
const SAMPLES = 64;
const CLIENTS = 16;

function body(stream, device, n) {
  const macOf = (client) => {
    const mac = Buffer.alloc(6);
    mac.writeUInt32BE(0x3c070000 + device, 0);
    mac.writeUInt16BE(client, 4);
    return mac;
  };
  if (stream === 'stats') {
    return {
      class: 'device',
      uptimeMs: n * 1000,
      memoryBytes: 64e6,
      cpuMs: n * 10,
      outboxBytes: 1000,
      ledger: [{ stream: 'rssi', produced: n, acknowledged: n, pending: 0, dropped: 0 }],
      sources: [{ name: 'wlan0', state: 'running', frames: n * 100, bytes: n * 1e5, dropped: 0 }],
      slicing: { frames: n, bytesSeen: n * 100, bytesKept: n * 60, bytesCut: n * 40, faults: 0 },
      captures: { dynamic: 0, suppressed: 0 },
    };
  }
  if (stream === 'clients') {
    const client = {
      mac: macOf(n % CLIENTS),
      randomized: false,
      state: 'associated',
      ssid: 'corp',
      hostName: `laptop-${device}-${n % CLIENTS}`,
      userName: `user${device}@example.org`,
      ip4: ['192.0.2.7'],
      rssi: { last: -55, min: -70, max: -50, mean: -56, count: 12 },
      lastSeenMs: n,
    };
    return { class: 'wifi.connected', clients: [client] };
  }
  const samples = Array.from({ length: SAMPLES }, (_, i) => ({
    mac: macOf(i % CLIENTS),
    rssiDbm: -40 - ((i * 7 + n) % 50),
    agoMs: i * 10,
  }));
  return { class: 'wifi.connected', ...packRssi(samples) };
}

/** `messages` in all; each with its device's number, so that a session can be found for it. */
export function makeLoad({ devices, messages, nowMs }) {
  const boots = Array.from({ length: devices }, () => randomBytes(16));
  const seqs = Array.from({ length: devices }, () => new Map());
  const load = [];
  let samples = 0;
  let bytes = 0;
  for (let i = 0; i < messages; i++) {
    const device = i % devices;
    const n = Math.floor(i / devices);
    // Devices are not in step.
    const stream = MIX[(n + device) % MIX.length];
    const seq = (seqs[device].get(stream) ?? 0) + 1;
    seqs[device].set(stream, seq);
    const payload = encode({
      v: 1,
      bootId: boots[device],
      seq,
      monoMs: n * 1000,
      timeMs: nowMs + n,
      clock: 'cloud',
      kind: 'data',
      ...body(stream, device, n),
    });
    if (stream === 'rssi') samples += SAMPLES;
    bytes += payload.length;
    load.push({ device, stream, payload });
  }
  return { load, samples, bytes };
}
