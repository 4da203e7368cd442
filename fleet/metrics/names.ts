/** Durations that are measured, each in a histogram. Microseconds inside, milliseconds in every report. */
export const HISTOGRAMS = [
  /** From the intended instant of a login until both ends have proven themselves and the cloud has welcomed. */
  'connect',
  /** From the dialling until the TCP connection is there. */
  'tcp',
  /** The TLS handshake. */
  'tls',
  /** From CONNECT with the device's proof until the cloud's proof and welcome. */
  'proof',
  /** From the instant that a device has something to say until the cloud has acknowledged it as stored. */
  'ack',
  /** From the arrival of a command until the cloud has stored the device's answer. */
  'command',
  /** From the intended instant of a command to the target's API until that has the device's answer. */
  'roundTrip',
  /** From the instant that a device is to renew until its new certificate is there. */
  'renewal',
  /** How late the generator itself did what its schedule said. */
  'slip',
] as const;
export type HistogramName = (typeof HISTOGRAMS)[number];

/** What is counted. */
export const COUNTERS = [
  /** Devices that were switched on. */
  'started',
  /** Devices that got in at least once. */
  'reached',
  /** Devices that are in now. */
  'connected',
  'logins',
  /** Attempts, sessions and commands that ended in an error that the schedule did not ask for. */
  'failures',
  /** Connections that the schedule cut. */
  'cuts',
  /** Certificates that devices were given. */
  'renewed',
  /** Commands to devices, through the target's API, and how many of them were answered. */
  'commanded',
  'answered',
  'produced',
  'acknowledged',
  /** Given up by a device whose outbox was full, and reported as a gap. */
  'dropped',
  /** In the memory of a device when it was switched off, or booted anew. */
  'forgotten',
  /** Produced, and neither acknowledged nor dropped (yet). */
  'lost',
] as const;
export type CounterName = (typeof COUNTERS)[number];

/** A value for each name. */
export const byName = <Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Value,
): Record<Name, Value> => Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Value>;
