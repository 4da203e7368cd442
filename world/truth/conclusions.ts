/**
 * What a cloud concluded, as a file: a JSON object with a section for each kind of conclusion. A section that is
 * not there was not concluded; an empty one was concluded to be empty. Devices may be named by id, name, MAC or
 * BSSID, or by a name of the cloud's own that `devices` explains.
 */
import { z } from 'zod';

export const CONCLUSIONS_FORMAT = 'airherd-conclusions/1';

const mac = z
  .string()
  .regex(/^([0-9a-fA-F]{2}[:-]?){5}[0-9a-fA-F]{2}$/, 'write a MAC as 02:00:00:00:00:01 or 020000000001');
const text = z.string().min(1).max(256);
const timeMs = z.number().nonnegative();
const metres = z.number().min(-1e6).max(1e6);

const client = z.strictObject({
  mac,
  hostName: text.nullish(),
  ipv4: z.array(z.string().max(64)).max(64).nullish(),
  ssid: text.nullish(),
  userName: text.nullish(),
  /** The access point or switch that it is on. */
  device: text.nullish(),
});
const link = z.strictObject({
  device: text,
  port: text.nullish(),
  neighbour: text,
  neighbourPort: text.nullish(),
});
const location = z.strictObject({ mac, timeMs, floor: text.nullish(), x: metres, y: metres });
const roam = z.strictObject({ mac, from: text, to: text, timeMs: timeMs.nullish() });
const cause = z.strictObject({
  kind: text,
  fromMs: timeMs,
  toMs: timeMs.nullish(),
  concerns: z.array(text).max(10_000).nullish(),
});

export const conclusions = z.strictObject({
  format: z.literal(CONCLUSIONS_FORMAT),
  /** Names of the cloud's own (serials, say) and what the world calls that device. */
  devices: z.record(z.string(), text).optional(),
  clients: z.array(client).nullish(),
  topology: z.array(link).nullish(),
  locations: z.array(location).nullish(),
  roams: z.array(roam).nullish(),
  causes: z.array(cause).nullish(),
});
export type Conclusions = z.infer<typeof conclusions>;

/** Or everything that is wrong with it, with the path to each. */
export function readConclusions(
  value: unknown,
): { ok: true; value: Conclusions } | { ok: false; problems: string[] } {
  const read = conclusions.safeParse(value);
  if (read.success) return { ok: true, value: read.data };
  const problems = read.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
  );
  return { ok: false, problems };
}
