import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Command, Reply } from '../../protocol/messages/command.ts';
import { uuid } from '../registry/uuid.ts';
import type { Sessions } from './sessions.ts';

const REPLY_TIMEOUT_MS = 30_000;

/** Sends commands to devices that are connected, and matches their replies by id. */
export class Commands {
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #waiting = new Map<string, (reply: Reply) => void>();

  constructor(sessions: Sessions, clock: Clock, random: Random) {
    this.#sessions = sessions;
    this.#clock = clock;
    this.#random = random;
  }

  /** Resolves with the device's reply, whether it says ok or not. */
  send(serial: string, name: Command['name'], args: Command['args'] = {}): Promise<Reply> {
    const session = this.#sessions.of(serial);
    if (!session?.open) return Promise.reject(new AirherdError('device-offline', { serial }));
    const id = uuid(this.#random);
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(REPLY_TIMEOUT_MS, () => {
        this.#waiting.delete(id);
        reject(new AirherdError('device-offline', { serial }));
      });
      this.#waiting.set(id, (reply) => {
        timer.cancel();
        this.#waiting.delete(id);
        resolve(reply);
      });
      session.send('command', { v: 1, id, name, args });
    });
  }

  /** Resolves with what the device answers. Throws device-offline, and command-refused for any other no. */
  async ask(
    serial: string,
    name: Command['name'],
    args: Command['args'] = {},
  ): Promise<NonNullable<Reply['result']>> {
    const { ok, code, result = {} } = await this.send(serial, name, args);
    if (ok) return result;
    const said = typeof result.detail === 'string' ? result.detail : `${serial} says ${code ?? 'no'}`;
    // The device names the command itself.
    const prefix = `command ${name}: `;
    const detail = said.startsWith(prefix) ? said.slice(prefix.length) : said;
    throw new AirherdError('command-refused', { name, detail });
  }

  /** False for a reply that nobody waits for. */
  settle(reply: Reply): boolean {
    const resolve = this.#waiting.get(reply.id);
    resolve?.(reply);
    return resolve !== undefined;
  }
}
