import type { Clock } from '../platform/ports/clock.ts';
import { decodeDown } from '../protocol/codec.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { Command } from '../protocol/messages/command.ts';
import type { Configuration } from '../protocol/messages/configuration.ts';
import type { Config, Welcome } from '../protocol/messages/down.ts';
import type { UpgradeOrder } from '../protocol/messages/upgrade.ts';
import type { DownTopic, UpStream } from '../protocol/topics.ts';
import { Delivery } from './delivery.ts';
import type { DeviceTime } from './device-time.ts';
import type { LoggedIn } from './login.ts';
import type { Outbox } from './outbox/outbox.ts';
import { UNCLAIMED_STREAMS } from './producer.ts';
import type { Settings } from './settings.ts';

/** On stop, what can still be sent and acknowledged is waited for this long. */
export const DRAIN_MS = 2_000;

export interface OpenSessionOptions {
  outbox: Outbox;
  settings: Settings;
  time: DeviceTime;
  clock: Clock;
  /** Produces this session's hello. */
  hello(): Promise<unknown>;
  onWelcome(welcome: Welcome): void;
  onConfig(config: Config): void;
  onCommand(command: Command): void;
  onUpgrade(order: UpgradeOrder): void;
  onConfiguration(configuration: Configuration): void;
  /** After hello, and when the device was claimed or released meanwhile. */
  onOpened(claimed: boolean): void;
  onSent(stream: UpStream, seq: number, bytes: number): void;
  /** Of this boot. */
  onAcknowledged(stream: UpStream, seq: number): void;
}

/** Serves one open session: the outbox goes up, acknowledgements, settings and commands come down. */
export async function serveSession(
  { link, welcome }: LoggedIn,
  options: OpenSessionOptions,
  signal: AbortSignal,
): Promise<AirherdError | null> {
  const { outbox, settings } = options;
  await greet(welcome, options);
  await options.hello();
  options.onOpened(welcome.claimed);
  const delivery = new Delivery({
    link,
    outbox,
    window: welcome.window,
    maxPacketBytes: welcome.maxPacket,
    mayLeave: (entry) =>
      settings.allows(entry.class) && (settings.claimed || UNCLAIMED_STREAMS.includes(entry.stream)),
    onSent: options.onSent,
  });
  link.receiveWith((topic, payload) => {
    const problem = receive(topic, payload, options);
    if (problem !== null) link.fail(new AirherdError('cloud-message', { topic, detail: problem }));
  });
  delivery.pump();
  let onAbort = () => {};
  const stopped = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
  });
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const reason = await Promise.race([link.closed, stopped]);
    if (reason === null) {
      await Promise.race([drained(outbox, options.clock), link.closed]);
      await link.close();
    }
    return reason;
  } finally {
    signal.removeEventListener('abort', onAbort);
    delivery.stop();
  }
}

async function greet(welcome: Welcome, options: OpenSessionOptions): Promise<void> {
  options.settings.welcome(welcome);
  await dropForbidden(options);
  options.onWelcome(welcome);
}

/** What was made under other settings, and may no longer leave. */
function dropForbidden({ outbox, settings }: OpenSessionOptions): Promise<void> {
  return outbox.dropClasses((privacyClass) => settings.allows(privacyClass));
}

/** Null, or why the message is not valid: then the cloud is not one that we understand. */
function receive(topic: DownTopic, payload: Buffer, options: OpenSessionOptions): string | null {
  const { outbox, settings, time } = options;
  switch (topic) {
    case 'ack': {
      const decoded = decodeDown('ack', payload);
      if (!decoded.ok) return decoded.reason;
      for (const { bootId, stream, seq } of decoded.message.acks) {
        void outbox.acknowledge(bootId, stream, seq);
        if (Buffer.from(bootId).toString('hex') === outbox.boot) options.onAcknowledged(stream, seq);
      }
      return null;
    }
    case 'welcome': {
      // Sent again when the device has been claimed or released meanwhile.
      const decoded = decodeDown('welcome', payload);
      if (!decoded.ok) return decoded.reason;
      time.learn(decoded.message.timeMs);
      void greet(decoded.message, options).then(() => options.onOpened(decoded.message.claimed));
      return null;
    }
    case 'config': {
      const decoded = decodeDown('config', payload);
      if (!decoded.ok) return decoded.reason;
      if (settings.configure(decoded.message)) {
        void dropForbidden(options);
        options.onConfig(decoded.message);
      }
      return null;
    }
    case 'command': {
      const decoded = decodeDown('command', payload);
      if (!decoded.ok) return decoded.reason;
      options.onCommand(decoded.message);
      return null;
    }
    case 'upgrade': {
      const decoded = decodeDown('upgrade', payload);
      if (!decoded.ok) return decoded.reason;
      options.onUpgrade(decoded.message);
      return null;
    }
    case 'configuration': {
      const decoded = decodeDown('configuration', payload);
      if (!decoded.ok) return decoded.reason;
      options.onConfiguration(decoded.message);
      return null;
    }
    case 'auth':
      return 'it was due once, before the welcome';
  }
}

/** Resolves when nothing is pending any more, or after `DRAIN_MS`. */
function drained(outbox: Outbox, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      stop();
      resolve();
    };
    const timer = clock.timer(DRAIN_MS, done);
    const stop = outbox.onChange(() => {
      if (outbox.pending === 0) done();
    });
    if (outbox.pending === 0) done();
  });
}
