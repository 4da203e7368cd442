import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { parseCloudUrl } from '../../../agent/index.ts';
import { type Estimate, estimate, type FleetConfig } from '../../../fleet/index.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { type ApiTarget, apiTarget } from '../../cloud-api.ts';
import { byteCount } from '../../text.ts';
import { type IdentitySource, identitySource, pathOf, serialsOf } from './identities.ts';
import type { FleetFlags } from './settings.ts';

/** Everything that is decided before the first connection. */
export interface Preflight {
  workers: number;
  source: IdentitySource;
  /** Of the devices of the run, in order. */
  serials: string[];
  estimate: Estimate;
  /** Where commands are given; null: there are none. */
  api: ApiTarget | null;
}

/** `apiHome`: folder of a cloud of one's own, instead of what the flags say of the API. */
export type PreflightFlags = { apiHome?: string } & Pick<
  FleetFlags,
  'identities' | 'pack' | 'packKey' | 'iOwnThisTarget' | 'api' | 'tokenFile' | 'apiCa'
>;

/**
 * Looks at what the run needs and whether it may begin. Throws fleet-target, fleet-identities or
 * fleet-resources, each with the command that mends it.
 */
export async function preflight(config: FleetConfig, flags: PreflightFlags): Promise<Preflight> {
  checkTarget(config, flags);
  const needed = estimate(config);
  checkPorts(needed.ports);
  checkDescriptors(needed.descriptors);
  const source = identitySource(flags);
  const serials = await serialsOf(source);
  if (serials.length < config.devices) {
    throw new AirherdError('fleet-identities', {
      path: pathOf(source),
      have: serials.length,
      wanted: config.devices,
      missing: config.devices - serials.length,
    });
  }
  const workers = Math.min(config.workers ?? availableParallelism(), config.devices);
  const { api: cloud, tokenFile, apiCa: ca, apiHome } = flags;
  const api = config.commands.rate > 0 ? await apiTarget({ cloud, tokenFile, ca }, apiHome) : null;
  return { workers, source, serials: serials.slice(0, config.devices), estimate: needed, api };
}

/** Loopback, or somebody said that the target is theirs. Throws fleet-target. */
export function checkTarget(config: FleetConfig, flags: Pick<FleetFlags, 'iOwnThisTarget'>): void {
  const { host } = parseCloudUrl(config.cloud)!;
  if (!isLoopback(host) && !flags.iOwnThisTarget) throw new AirherdError('fleet-target', { host });
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function checkDescriptors(need: number): void {
  const limits = readOrNull('/proc/self/limits');
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits ?? '') ?? [];
  if (soft === undefined || need <= Number(soft)) return;
  const run = `ulimit -n ${need}`;
  throw new AirherdError('fleet-resources', { what: 'open files', need, have: Number(soft), run });
}

function checkPorts(need: number): void {
  const range = readOrNull('/proc/sys/net/ipv4/ip_local_port_range');
  if (range === null) return;
  const [low, high] = range.trim().split(/\s+/).map(Number);
  const have = high - low + 1;
  if (need <= have) return;
  const run = 'the same command with --local-address 127.0.0.2 127.0.0.3, each has ports of its own';
  throw new AirherdError('fleet-resources', { what: 'local ports', need, have, run });
}

/** Other systems than Linux have no such files: there the limits show when they are reached. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const PROOFS: Readonly<Record<FleetConfig['target']['proof'], string>> = {
  exporter: 'of the factory key, both ways, bound to each TLS connection',
  challenge: "of the factory key, both ways, through a broker, bound to the broker's certificate",
  token: "a token as password, then of the factory key, both ways, bound to the broker's certificate",
  none: 'none but the certificates: acknowledged means that a broker took the message, not that it is stored',
};

function worldLine({ telemetry }: FleetConfig, { count, readyMs }: Estimate['buildings']): string[] {
  if (count === 0) return [];
  const seconds = Math.ceil(readyMs / 1000 / availableParallelism());
  return [
    `world       each site a simulated ${telemetry.world}: ${count} in all, made ready first, in about ${seconds} s`,
  ];
}

/** What will happen, for people. */
export function describePlan(config: FleetConfig, { workers, estimate: needs }: Preflight): string[] {
  const { shape } = config;
  return [
    `target      ${config.cloud}${isLoopback(parseCloudUrl(config.cloud)!.host) ? '' : ', which is not this machine: be sure that it is yours'}`,
    `proof       ${PROOFS[config.target.proof]}`,
    `devices     ${config.devices}, each with a certificate, key and factory key of its own, on ${workers} thread${workers === 1 ? '' : 's'}`,
    `shape       ${shape.kind} at ${shape.rate} a second, for ${config.for / 1000} s`,
    `logins      ${needs.starts + needs.restores}, at most ${needs.peakLoginsPerSecond} in one second; ${needs.cuts} cuts`,
    ...Object.entries(needs.others).map(([kind, count]) => `${kind.padEnd(12)}${count}`),
    `at once     ${needs.peakConnections} connections`,
    `telemetry   ${config.telemetry.rate} times that of a real device`,
    ...worldLine(config, needs.buildings),
    `needs       about ${byteCount(needs.memoryBytes)} of memory, ${needs.descriptors} open files, ${needs.ports} local ports of each address`,
  ];
}
