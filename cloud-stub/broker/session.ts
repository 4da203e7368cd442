import type { SecureChannel } from '../../platform/ports/transport.ts';
import { encode } from '../../protocol/codec.ts';
import type { Ack } from '../../protocol/messages/down.ts';
import type { DownMessage } from '../../protocol/messages/registry.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import { type DownTopic, rxTopic } from '../../protocol/topics.ts';
import type { FieldSwitches } from '../privacy/settings.ts';
import type { Elsewhere } from '../regions/directory.ts';
import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { LoggedIn } from './login.ts';

export type PublishRaw = (topic: string, payload: Buffer, qos: 0 | 1) => void;

/** Most acks of one `ack` message (`schema.cddl`). */
const ACKS_PER_MESSAGE = 64;

/** What a session needs of the connection under it, which may be a broker's. */
export type SessionChannel = Pick<SecureChannel, 'remoteAddress' | 'destroy'>;

/** What the registry says about a session's device, as of the last look. */
export interface Standing {
  orgId: string;
  siteId: string | null;
  claimed: boolean;
  privacyClasses: readonly PrivacyClass[];
  fields: FieldSwitches;
  configVersion: number;
  /** Version of the device's own configuration; 0 while none was set. */
  configuration: number;
  /** The region that the device belongs to, when it is not this one: nothing of it is taken here. */
  elsewhere: Elsewhere | null;
}

/**
 * One device that has proved itself, from CONNACK to the end of its connection.
 *
 *   state       | event                          | next      | does
 *   ------------|--------------------------------|-----------|---------------------------------
 *   proven      | SUBSCRIBE to its rx/# granted   | open      | sends auth, then welcome
 *   proven      | PUBLISH of anything but hello   | ended     | cuts the connection
 *   open        | PUBLISH                         | open      | ingest, commit, ack
 *   open        | claimed or settings changed     | open      | sends welcome or config
 *   open        | belongs to another region      | open      | welcome told it; takes nothing
 *   any         | revoked, replaced, store full   | ended     | cuts the connection
 *   any         | connection closed               | ended     |
 */
export class Session {
  readonly serial: string;
  readonly login: LoggedIn;
  readonly channel: SessionChannel;
  readonly connectedMs: number;
  standing: Standing;
  open = false;
  ended = false;
  /** Classes switched off a moment ago: what was on its way is withheld; the device is not cut for it. */
  lately: { classes: readonly PrivacyClass[]; untilMs: number } | null = null;
  /** Messages taken and not yet committed. */
  inFlight = 0;
  readonly #publish: PublishRaw;

  constructor(options: {
    login: LoggedIn;
    channel: SessionChannel;
    standing: Standing;
    connectedMs: number;
    publish: PublishRaw;
  }) {
    this.serial = options.login.device.serial;
    this.login = options.login;
    this.channel = options.channel;
    this.standing = options.standing;
    this.connectedMs = options.connectedMs;
    this.#publish = options.publish;
  }

  sendRaw(topic: DownTopic, payload: Buffer): void {
    // An `ack` is said again by the next one, and after a reconnect: it needs no acknowledgement of its own.
    if (!this.ended) this.#publish(rxTopic(this.serial, topic), payload, topic === 'ack' ? 0 : 1);
  }

  send<T extends Exclude<DownTopic, 'auth'>>(topic: T, message: DownMessage<T>): void {
    this.sendRaw(topic, encode(message));
  }

  acknowledge(acks: Ack['acks']): void {
    for (let at = 0; at < acks.length; at += ACKS_PER_MESSAGE) {
      this.send('ack', { v: 1, acks: acks.slice(at, at + ACKS_PER_MESSAGE) });
    }
  }

  cut(): void {
    this.ended = true;
    this.channel.destroy();
  }
}

export const isUnclaimed = (standing: Standing): boolean => standing.orgId === UNCLAIMED_ORG;
