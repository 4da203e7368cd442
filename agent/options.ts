import type { Logger } from 'pino';
import type { Identity } from '../certs/identity.ts';
import type { ManufacturerOf } from '../packets/observe/manufacturer.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { FileStore } from '../platform/ports/files.ts';
import type { Random } from '../platform/ports/random.ts';
import type { Source } from '../platform/ports/source.ts';
import type { Dialer } from '../platform/ports/transport.ts';
import type { AirherdError } from '../protocol/errors.ts';
import type { Command } from '../protocol/messages/command.ts';
import type { ConfigurationState } from '../protocol/messages/configuration.ts';
import type { Config, Welcome } from '../protocol/messages/down.ts';
import type { UpgradePhase } from '../protocol/messages/upgrade.ts';
import type { DownTopic, UpStream } from '../protocol/topics.ts';
import type { AgentConfig } from './config.ts';
import type { Configurable } from './features/configure.ts';
import type { Operator } from './features/operate.ts';
import type { SourceState } from './features/stats.ts';
import type { Firmware } from './firmware/firmware.ts';
import type { LoginFunction, LoginStep } from './login.ts';
import type { ConnectMqtt } from './mqtt/connection.ts';
import type { SessionState } from './session.ts';

/** What an agent tells whoever runs it. */
export type AgentEvent =
  | { type: 'state'; state: SessionState; previous: SessionState }
  | { type: 'step'; step: LoginStep; detail: Record<string, string | number | boolean> }
  | { type: 'welcome'; welcome: Welcome }
  | { type: 'config'; config: Config }
  /** In the outbox; `wantedAtMs` is when there was something to say, monotonic, before any wait for room. */
  | { type: 'produced'; stream: UpStream; seq: number; wantedAtMs: number }
  | { type: 'sent'; stream: UpStream; seq: number; bytes: number }
  /** The cloud has stored this boot's stream up to `seq`. */
  | { type: 'acknowledged'; stream: UpStream; seq: number }
  | { type: 'failure'; error: AirherdError; retryInMs: number }
  | { type: 'source'; name: string; state: SourceState; error?: AirherdError }
  /** Came through a broker, and the cloud did not make it, or not now: dropped. */
  | { type: 'refused'; topic: DownTopic; why: string }
  | { type: 'command'; name: Command['name'] }
  /** Why it was refused or rolled back stands in `problems`. */
  | { type: 'configuration'; version: number; state: ConfigurationState; problems: readonly string[] }
  | {
      type: 'upgrade';
      phase: UpgradePhase;
      version: string;
      percent: number;
      code?: string;
      detail?: string;
    }
  | { type: 'disk-fault'; detail: string }
  | { type: 'renewed'; notAfterMs: number }
  | { type: 'key-rotated'; generation: number };

export interface AgentOptions {
  identity: Identity;
  config: AgentConfig;
  dialer: Dialer;
  clock: Clock;
  random: Random;
  /** Where outbox and settings are kept; null keeps them in memory. */
  files: FileStore | null;
  sources: readonly Source[];
  /** Software version, as hello reports it. */
  firmware: string;
  /** No true time is before this (the build's). */
  notBeforeMs: number;
  /** Absent: records name no manufacturer. */
  manufacturerOf?: ManufacturerOf;
  /** Another login than the agent's own: load on back ends that are no cloud of ours. */
  login?: LoginFunction;
  /** Who speaks MQTT; MQTT.js unless given. */
  mqtt?: ConnectMqtt;
  log?: Logger;
  /** What the cloud may do with the device beside its work; absent: nothing. */
  operator?: Operator;
  /** How the device takes over what the cloud configures; absent: it takes nothing. */
  configurable?: Configurable;
  /** Slots and keys; absent: the device cannot be upgraded. */
  upgrade?: Firmware;
  onEvent?(event: AgentEvent): void;
  /** Saves a renewed identity before it is used. */
  saveIdentity?(identity: Identity): Promise<void>;
  /** Of the process: resident bytes and CPU milliseconds. */
  usage?(): { memoryBytes: number; cpuMs: number };
}
