/** The agent's own login, link and delivery, without its sources: certificate, both proofs, end-to-end acks. */
import { DeviceTime } from '../../dist/agent/device-time.js';
import { login } from '../../dist/agent/login.js';
import { nodeClock } from '../../dist/platform/node/clock.js';
import { nodeDialer } from '../../dist/platform/node/dial.js';
import { nodeRandom } from '../../dist/platform/node/random.js';
import { decodeDown, encode } from '../../dist/protocol/codec.js';
import { deriveKey } from '../../dist/protocol/proof.js';

export async function openAgentLink({ identity, port, messageBytes }) {
  const { serial } = identity;
  const time = new DeviceTime(nodeClock, { notBeforeMs: 0, trusted: true });
  const { link, welcome } = await login({
    identity: {
      serial,
      credentials: { certificatePem: identity.certificatePem, privateKeyPem: identity.privateKeyPem },
      certificateSha256: identity.certificateSha256,
      trustPem: identity.trustPem,
      deviceKey: deriveKey(identity.factoryKey, 'device-proof', serial),
      cloudKey: deriveKey(identity.factoryKey, 'cloud-proof', serial),
    },
    address: { host: '127.0.0.1', port },
    serverName: 'localhost',
    minVersion: 'TLSv1.3',
    timeoutMs: 60_000,
    keepaliveS: 60,
    dialer: nodeDialer,
    revoked: [],
    clock: nodeClock,
    random: nodeRandom,
    time,
    signal: new AbortController().signal,
    onStep: () => {},
  });
  const bootId = nodeRandom.bytes(16);
  const message = (seq) =>
    encode({
      v: 1,
      bootId,
      seq,
      monoMs: 1,
      timeMs: Date.now(),
      clock: 'cloud',
      kind: 'data',
      class: 'device',
      name: 'bench',
      severity: 'info',
      details: { text: 'x'.repeat(Math.max(0, messageBytes - 150)) },
    });
  return {
    /** Resolves when the cloud has committed the last one. */
    send: (count, window) =>
      new Promise((resolve) => {
        const most = Math.min(window, welcome.window);
        let sent = 0;
        let acknowledged = 0;
        const pump = () => {
          while (sent < count && sent - acknowledged < most) link.publish('event', message(++sent));
        };
        link.receiveWith((topic, payload) => {
          if (topic !== 'ack') return;
          const decoded = decodeDown('ack', payload);
          for (const { stream, seq } of decoded.message.acks) if (stream === 'event') acknowledged = seq;
          if (acknowledged === count) resolve();
          else pump();
        });
        pump();
      }),
    close: () => link.close(),
  };
}
