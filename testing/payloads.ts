/** What devices of a lab sent, as it left them: message by message, before any transport. */
import { createHash } from 'node:crypto';
import type { DeviceLink } from '../agent/device-link.ts';
import type { LoginFunction } from '../agent/login.ts';
import { login } from '../agent/login.ts';
import type { UpStream } from '../protocol/topics.ts';

export interface SentPayload {
  device: string;
  stream: UpStream;
  /** CBOR, as protocol/schema.cddl describes it. */
  bytes: Buffer;
  /** Wall time of the lab, milliseconds since the Unix epoch. */
  atMs: number;
}

export class Payloads {
  readonly sent: SentPayload[] = [];

  /** The agent's own login, and a link of which all that is published is kept. */
  loginOf(device: string, wallMs: () => number): LoginFunction {
    return async (options) => {
      const loggedIn = await login(options);
      const { link } = loggedIn;
      const tapped: DeviceLink = {
        closed: link.closed,
        publish: (stream, payload) => {
          this.sent.push({ device, stream, bytes: Buffer.from(payload), atMs: wallMs() });
          link.publish(stream, payload);
        },
        receiveWith: (handler) => link.receiveWith(handler),
        fail: (reason) => link.fail(reason),
        close: () => link.close(),
        destroy: () => link.destroy(),
      };
      return { ...loggedIn, link: tapped };
    };
  }

  /** SHA-256 of all payloads of a device and stream, in order: the same for the same seed. */
  digests(): Record<string, string> {
    const hashes = new Map<string, ReturnType<typeof createHash>>();
    for (const { device, stream, bytes } of this.sent) {
      const name = `${device} ${stream}`;
      const hash = hashes.get(name) ?? createHash('sha256');
      hashes.set(name, hash.update(`${bytes.length} `).update(bytes));
    }
    return Object.fromEntries([...hashes].sort().map(([name, hash]) => [name, hash.digest('hex')]));
  }
}
