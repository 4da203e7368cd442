/** A broker that does with messages whatever a test wants: aedes over TLS, with client certificates. */
import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import { Aedes } from 'aedes';
import type { Authority } from '../../certs/authority.ts';
import { issueServer } from '../../certs/issue-server.ts';

export interface Passed {
  topic: string;
  payload: Buffer;
}

export interface EvilBroker {
  port: number;
  url: string;
  /** Everything that anybody published, before anything was done to it. */
  readonly seen: Passed[];
  /** What becomes of a message on its way out; null holds it back. Honest until set. */
  act: (message: Passed) => Passed | null;
  /** Publishes in anybody's name. */
  inject(message: Passed): Promise<void>;
  /** Resolves with the first message seen, from now or before, that `wanted` takes. */
  saw(wanted: (message: Passed) => boolean): Promise<Passed>;
  stop(): Promise<void>;
}

/** What an endpoint may go by before it speaks MQTT at all. */
export interface Demands {
  alpn: string;
  serverName: string;
}

export async function evilBroker(authority: Authority, demands?: Demands): Promise<EvilBroker> {
  const { certificatePem, privateKeyPem } = await issueServer(authority, {
    names: ['localhost', ...(demands ? [demands.serverName] : [])],
    ips: ['127.0.0.1'],
    days: 30,
    nowMs: Date.now(),
  });
  const seen: Passed[] = [];
  const watchers = new Set<() => void>();
  const injected = new WeakSet<Buffer>();
  const passed = ({ topic, payload }: { topic: string; payload: string | Buffer }): Passed => ({
    topic,
    payload: Buffer.from(payload as Buffer),
  });
  const aedes = new Aedes({
    authorizePublish: (_client, packet, done) => {
      seen.push(passed(packet));
      for (const watcher of watchers) watcher();
      done(null);
    },
    authorizeForward: (_client, packet) => {
      if (injected.has(packet.payload as Buffer)) return packet;
      const out = broker.act(passed(packet));
      return out === null ? null : Object.assign(packet, out);
    },
  });
  await aedes.listen();
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    {
      cert: certificatePem,
      key: privateKeyPem,
      ca: [authority.rootPem, authority.devices.pem],
      requestCert: true,
      rejectUnauthorized: true,
      ...(demands && { ALPNProtocols: [demands.alpn] }),
    },
    (socket) => {
      const { alpnProtocol, servername } = socket as { alpnProtocol?: unknown; servername?: unknown };
      if (demands && (alpnProtocol !== demands.alpn || servername !== demands.serverName)) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.on('error', () => {});
      aedes.handle(socket);
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const broker: EvilBroker = {
    port,
    url: `mqtts://127.0.0.1:${port}`,
    seen,
    act: (message) => message,
    inject({ topic, payload }) {
      const bytes = Buffer.from(payload);
      injected.add(bytes);
      return new Promise((resolve, reject) =>
        aedes.publish(
          { cmd: 'publish', topic, payload: bytes, qos: 1, retain: false, dup: false },
          (error) => (error ? reject(error) : resolve()),
        ),
      );
    },
    async saw(wanted) {
      for (;;) {
        const found = seen.find(wanted);
        if (found) return found;
        await new Promise<void>((resolve) => {
          const watcher = () => {
            watchers.delete(watcher);
            resolve();
          };
          watchers.add(watcher);
        });
      }
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      server.close();
    },
  };
  return broker;
}
