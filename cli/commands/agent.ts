import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type Agent, type AgentEvent, createAgent } from '../../agent/index.ts';
import { type Identity, loadIdentity, saveIdentity } from '../../certs/identity.ts';
import { type LockFile, takeLock } from '../../certs/lock-file.ts';
import { loadManufacturers } from '../../packets/observe/manufacturer.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeDialer } from '../../platform/node/dial.ts';
import { nodeFiles } from '../../platform/node/files.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { notifySystemd } from '../../platform/node/systemd.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { parseDuration } from '../duration.ts';
import { version } from '../version.ts';
import { watchedLog } from '../watched-log.ts';
import { type AgentFlags, agentConfig, withProofFlags } from './agent/config.ts';
import { agentInstall, agentUninstall } from './agent/install.ts';
import { aboutThisAgent, sayWhere } from './agent/operator.ts';
import { openSources, SOURCE_HELP } from './agent/sources.ts';
import { statusPageOf } from './agent/status.ts';
import { traceLine } from './agent/trace.ts';
import { untilAsked } from './agent/until-asked.ts';

/** No release of airherd is older: a clock before it is wrong. */
const NOT_BEFORE_MS = Date.UTC(2026, 0, 1);

interface Options extends AgentFlags {
  identity?: string;
  trace?: boolean;
  for?: number;
  json?: boolean;
  exitWhenDone?: boolean;
}

export function agent(program: Command): void {
  const group = withProofFlags(program.command('agent'))
    .description('be one access point or switch')
    .enablePositionalOptions()
    .option('--identity <dir>', 'folder that airherd device create made; needed')
    .option('--cloud <url>', 'mqtts://host[:port]')
    .option('--server-name <name>', "name that the cloud's certificate must have, where it is not the host")
    .addOption(new Option('--min-tls <version>', 'lowest TLS version').choices(['1.3', '1.2']))
    .option('--source <source...>', SOURCE_HELP)
    .option('--config <file>', 'YAML; flags are over AIRHERD_AGENT_* variables, those over the file')
    .option('--outbox <dir>', 'folder for what the cloud has not stored yet, or: memory')
    .option('--stream', 'ship every frame, header-only')
    .option('--trace', 'show the protocol, secrets left out')
    .option('--log-level <level>', 'fatal, error, warn, info, debug')
    .option('--for <duration>', 'stop after 15s, 5m, 2h', parseDuration)
    .option('--exit-when-done', 'stop when all sources have ended and everything is stored')
    .option('--json', 'one JSON summary at the end')
    .action(run);
  agentInstall(group);
  agentUninstall(group);
}

/** Runs the device until it is to stop; a restart and a reload begin anew with what the settings are then. */
async function run(options: Options): Promise<void> {
  const endMs = options.for === undefined ? undefined : nodeClock.monoMs() + options.for;
  const systemd = notifySystemd(process.env, nodeClock);
  try {
    while ((await runOnce(options, endMs)) === 'again') console.error('airherd: starting anew');
  } finally {
    systemd.stop();
  }
}

async function runOnce(options: Options, endMs: number | undefined): Promise<'stop' | 'again'> {
  const config = await agentConfig(options);
  const sources = await openSources(config.capture.sources);
  if (options.identity === undefined)
    throw new AirherdError('usage-invalid', { detail: 'agent needs --identity <dir>' });
  const folder = resolve(options.identity);
  const identity = await loadIdentity(folder);
  const outboxFolder = config.outbox.path ?? join(folder, 'outbox');
  const files = outboxFolder === 'memory' ? null : nodeFiles(outboxFolder);
  const lock = outboxFolder === 'memory' ? null : await lockOutbox(outboxFolder);
  const log = watchedLog(config.log.level, options);
  const outcome = new Outcome(identity, options.trace === true);
  let restart: () => void = () => {};
  const restartAsked = new Promise<void>((asked) => {
    restart = asked;
  });
  const device = createAgent({
    identity,
    config,
    dialer: nodeDialer,
    clock: nodeClock,
    random: nodeRandom,
    files,
    sources,
    firmware: version,
    notBeforeMs: NOT_BEFORE_MS,
    manufacturerOf: sources.length > 0 ? await loadManufacturers() : undefined,
    log,
    operator: { restart, locate: sayWhere(identity.serial), about: () => aboutThisAgent(identity, config) },
    onEvent: (event) => outcome.take(event),
    saveIdentity: (renewed) => saveIdentity(folder, renewed),
    usage: () => {
      const { user, system } = process.cpuUsage();
      return { memoryBytes: process.memoryUsage.rss(), cpuMs: Math.round((user + system) / 1000) };
    },
  });
  const statusPage = await statusPageOf(identity, config, device, outcome.sources);
  // Metrics need a library that an agent without them is not to load.
  const health = config.health
    ? await (await import('./agent/health.ts')).healthOf(
        identity,
        config.health.socket,
        device,
        outcome.sources,
      )
    : null;
  let next: 'stop' | 'again' = 'stop';
  try {
    await device.start();
    next = await untilAsked(device, {
      endMs,
      exitWhenDone: options.exitWhenDone,
      judgeSettings: () => agentConfig(options),
      restart: restartAsked,
    });
  } finally {
    await device.stop();
    await statusPage?.close();
    await health?.close();
    await files?.close();
    await lock?.release();
  }
  if (next === 'again') return next;
  if (options.json) console.log(JSON.stringify(outcome.summary(identity.serial, device)));
  else if (!outcome.fatal) console.log(outcome.closing(identity.serial, device));
  if (outcome.fatal) throw outcome.fatal;
  return next;
}

/** Two agents that append to one journal would destroy it. */
async function lockOutbox(path: string): Promise<LockFile> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const lock = await takeLock(join(path, 'lock'));
  if (lock) return lock;
  throw new AirherdError('outbox-damaged', { path, detail: 'another agent that is running uses it' });
}

/** What happened, for the summary and the exit code. */
class Outcome {
  readonly sources = new Map<string, string>();
  private readonly trace: boolean;
  /** What is said of a device that belongs to nobody. */
  private readonly unclaimed: string;
  private claimed: boolean | null = null;
  private diskFault = '';
  private logins = 0;
  private lastError: AirherdError | null = null;
  /** Of sources that failed, or are interrupted; those that go on again are none of them. */
  private readonly sourceErrors = new Map<string, AirherdError>();

  constructor({ serial, claimCode }: Identity, trace: boolean) {
    this.unclaimed = `${serial} is not claimed: it sends only hello and stats; claim it with: airherd device claim ${claimCode} --org … --site …`;
    this.trace = trace;
  }

  take(event: AgentEvent): void {
    if (event.type === 'state' && event.state === 'open') {
      this.logins++;
      this.lastError = null;
      if (process.stderr.isTTY && !this.trace) console.error('airherd: logged in');
    }
    if (event.type === 'failure') this.lastError = event.error;
    if (event.type === 'welcome' && this.claimed !== event.welcome.claimed) {
      this.claimed = event.welcome.claimed;
      if (!this.claimed) console.error(`airherd: ${this.unclaimed}`);
    }
    if (event.type === 'source') {
      const isBack = event.state === 'running' && this.sourceErrors.delete(event.name);
      if (isBack) console.error(`airherd: ${event.name} goes on`);
      this.sources.set(event.name, event.state);
      if (event.error) {
        this.sourceErrors.set(event.name, event.error);
        console.error(`airherd: ${event.error.code}: ${event.error.message}`);
      }
    }
    if (event.type === 'disk-fault' && !this.trace && this.diskFault !== event.detail) {
      this.diskFault = event.detail;
      console.error(`airherd: outbox: ${event.detail}`);
    }
    if (event.type === 'failure' && !this.trace) {
      const seconds = Math.round(event.retryInMs / 1000);
      console.error(`airherd: ${event.error.code}: ${event.error.message} (next attempt in ${seconds} s)`);
    }
    if (!this.trace) return;
    const line = traceLine(event);
    if (line !== null) console.error(line);
  }

  /** A run that never got in, or that could not read what it was to observe, has failed. */
  get fatal(): AirherdError | null {
    const [sourceError] = this.sourceErrors.values();
    return sourceError ?? (this.logins === 0 ? this.lastError : null);
  }

  /** What became of everything, in one line. */
  closing(serial: string, device: Agent): string {
    const total = { acknowledged: 0, pending: 0, dropped: 0 };
    for (const row of device.ledger()) {
      total.acknowledged += row.acknowledged;
      total.pending += row.pending;
      total.dropped += row.dropped;
    }
    const { acknowledged, pending, dropped } = total;
    return `${serial}: ${acknowledged} messages stored by the cloud, ${pending} pending, ${dropped} dropped`;
  }

  summary(serial: string, device: Agent) {
    return {
      serial,
      claimed: this.claimed,
      logins: this.logins,
      ledger: device.ledger().filter((row) => row.produced > 0),
      outbox: device.outbox,
      sources: Object.fromEntries(this.sources),
      error: this.lastError?.code ?? null,
    };
  }
}
