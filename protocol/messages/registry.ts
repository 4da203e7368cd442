/** One entry a message: adding one touches its own file, this table and `schema.cddl`. */
import type { z } from 'zod';
import type { DownTopic, UpStream } from '../topics.ts';
import { ble } from './ble.ts';
import { clients } from './clients.ts';
import { command, reply } from './command.ts';
import { configuration, configurationReport } from './configuration.ts';
import { ack, config, welcome } from './down.ts';
import { event } from './event.ts';
import { hello } from './hello.ts';
import { interfaces } from './interfaces.ts';
import { lldp } from './lldp.ts';
import { pcap } from './pcap.ts';
import { rssi } from './rssi.ts';
import { stats } from './stats.ts';
import { upgradeOrder, upgradeProgress } from './upgrade.ts';
import { wired } from './wired.ts';

export const upSchemas = {
  hello,
  stats,
  clients,
  wired,
  lldp,
  ble,
  rssi,
  pcap,
  event,
  upgrade: upgradeProgress,
  reply,
  interfaces,
  configuration: configurationReport,
} satisfies Record<UpStream, z.ZodType>;

/** `auth` is binary (proof.ts); all else is CBOR. */
export const downSchemas = {
  welcome,
  ack,
  config,
  command,
  upgrade: upgradeOrder,
  configuration,
} satisfies Record<Exclude<DownTopic, 'auth'>, z.ZodType>;

export type UpMessage<S extends UpStream = UpStream> = z.infer<(typeof upSchemas)[S]>;
export type DownMessage<T extends Exclude<DownTopic, 'auth'>> = z.infer<(typeof downSchemas)[T]>;
