/** What a device may publish and subscribe: its own `tx` streams, its own `rx/#`, and nothing else. */
import {
  DOWN_TOPICS,
  isSerial,
  parseTopic,
  rxFilter,
  UP_STREAMS,
  type UpStream,
} from '../../protocol/topics.ts';

const LEVELS: readonly string[] = ['ap', 'v1', 'tx', 'rx', '#', '+', '$SYS', ...UP_STREAMS, ...DOWN_TOPICS];
const MOST_LEVELS = 8;

/** A topic as it may be logged: levels that a device made up itself are left out. */
export const shownTopic = (topic: string): string =>
  topic
    .split('/', MOST_LEVELS)
    .map((level) => (LEVELS.includes(level) || isSerial(level) ? level : '…'))
    .join('/');

export interface PublishFields {
  topic: string;
  qos: number;
  retain: boolean;
  messageId?: number;
}

/** Why not, or the stream. `parseTopic` lets no wildcard, control character or other level through. */
export function publishStream(
  serial: string,
  packet: PublishFields,
): { ok: true; stream: UpStream } | { ok: false; why: 'topic' | string } {
  const parsed = parseTopic(packet.topic);
  if (parsed?.direction !== 'tx' || parsed.serial !== serial) return { ok: false, why: 'topic' };
  if (packet.qos !== 1) return { ok: false, why: `QoS ${packet.qos}, only 1 is taken` };
  if (packet.retain) return { ok: false, why: 'messages are never retained' };
  // MQTT-2.3.1-1; aedes takes 0 as well
  if (!packet.messageId) return { ok: false, why: 'message id 0' };
  return { ok: true, stream: parsed.stream };
}

export const maySubscribe = (serial: string, filter: string): boolean => filter === rxFilter(serial);
