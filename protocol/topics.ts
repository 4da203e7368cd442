/** Streams a device sends on: `ap/v1/<serial>/tx/<stream>`. */
export const UP_STREAMS = [
  'hello',
  'stats',
  'clients',
  'wired',
  'lldp',
  'ble',
  'rssi',
  'pcap',
  'event',
  'upgrade',
  'reply',
  'interfaces',
  'configuration',
] as const;
export type UpStream = (typeof UP_STREAMS)[number];

/** Topics a device listens on: `ap/v1/<serial>/rx/<topic>`. */
export const DOWN_TOPICS = [
  'auth',
  'welcome',
  'ack',
  'config',
  'command',
  'upgrade',
  'configuration',
] as const;
export type DownTopic = (typeof DOWN_TOPICS)[number];

/** Serials are 4 to 32 capital letters and digits: safe in a topic, a file name and an X.509 subject. */
const SERIAL = /^[A-Z0-9]{4,32}$/;
export const isSerial = (text: string): boolean => SERIAL.test(text);

export const txTopic = (serial: string, stream: UpStream): string => `ap/v1/${serial}/tx/${stream}`;
export const rxTopic = (serial: string, topic: DownTopic): string => `ap/v1/${serial}/rx/${topic}`;
/** The one filter that a device may subscribe to. */
export const rxFilter = (serial: string): string => `ap/v1/${serial}/rx/#`;

export type ParsedTopic =
  | { direction: 'tx'; serial: string; stream: UpStream }
  | { direction: 'rx'; serial: string; topic: DownTopic };

/** Null for anything that is not exactly one of our topics (wildcards, control characters, other levels). */
export function parseTopic(topic: string): ParsedTopic | null {
  const parts = topic.split('/');
  if (parts.length !== 5 || parts[0] !== 'ap' || parts[1] !== 'v1' || !isSerial(parts[2])) return null;
  const [, , serial, direction, last] = parts;
  if (direction === 'tx' && (UP_STREAMS as readonly string[]).includes(last)) {
    return { direction, serial, stream: last as UpStream };
  }
  if (direction === 'rx' && (DOWN_TOPICS as readonly string[]).includes(last)) {
    return { direction, serial, topic: last as DownTopic };
  }
  return null;
}
