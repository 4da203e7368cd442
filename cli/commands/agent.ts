import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { createAgent, DeviceConfiguration } from '../../agent/index.ts';
import { loadIdentity, saveIdentity } from '../../certs/identity.ts';
import { type LockFile, takeLock } from '../../certs/lock-file.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeDialer } from '../../platform/node/dial.ts';
import { nodeFiles } from '../../platform/node/files.ts';
import { manufacturersOnDemand } from '../../platform/node/manufacturers.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { notifySystemd } from '../../platform/node/systemd.ts';
import type { FileStore } from '../../platform/ports/files.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { parseDuration } from '../duration.ts';
import { watchedLog } from '../watched-log.ts';
import { type AgentFlags, agentConfig, withProofFlags } from './agent/config.ts';
import { bootAgent } from './agent/firmware.ts';
import { agentInstall, agentUninstall } from './agent/install.ts';
import { aboutThisAgent, sayWhere } from './agent/operator.ts';
import { Outcome, sayConfiguration } from './agent/outcome.ts';
import { namesOf, problemsOf } from './agent/pushed.ts';
import { openSources, SOURCE_HELP } from './agent/sources.ts';
import { statusPageOf } from './agent/status.ts';
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

/** Runs the device until it is to stop. */
async function run(options: Options): Promise<void> {
  const endMs = options.for === undefined ? undefined : nodeClock.monoMs() + options.for;
  const local = await agentConfig(options);
  if (options.identity === undefined)
    throw new AirherdError('usage-invalid', { detail: 'agent needs --identity <dir>' });
  const folder = resolve(options.identity);
  await loadIdentity(folder);
  const outboxFolder = local.outbox.path ?? join(folder, 'outbox');
  const files = outboxFolder === 'memory' ? null : nodeFiles(outboxFolder);
  const lock = outboxFolder === 'memory' ? null : await lockOutbox(outboxFolder);
  const systemd = notifySystemd(process.env, nodeClock);
  try {
    const configuration = new DeviceConfiguration(files, nodeClock);
    await configuration.load();
    if (configuration.report?.state === 'rolled-back') sayConfiguration(configuration.report);
    await rounds({ options, endMs, folder, files, configuration });
  } finally {
    systemd.stop();
    await files?.close();
    await lock?.release();
  }
}

/** What one agent after the other has in this process. */
interface Round {
  options: Options;
  endMs: number | undefined;
  /** Of the identity. */
  folder: string;
  files: FileStore | null;
  configuration: DeviceConfiguration;
}

/** A restart, a reload and another configuration begin anew, each with the settings that hold then. */
async function rounds(round: Round): Promise<void> {
  const { configuration } = round;
  for (;;) {
    try {
      const ended = await runOnce(round);
      if (ended !== 'again') return ended();
    } catch (error) {
      // Settings under which the agent cannot even begin are none to wait with.
      if (!(error instanceof AirherdError) || configuration.confirmWithinMs === null) throw error;
      await configuration.rollBack(error.message);
      if (configuration.report) sayConfiguration(configuration.report);
    }
    console.error('airherd: starting anew');
  }
}

/** Resolves to `again`, or to what is left to do at the end: to say how it went. */
async function runOnce(round: Round): Promise<'again' | (() => void)> {
  const { options, endMs, folder, files, configuration } = round;
  const pushed = configuration.settings;
  let again: () => void = () => {};
  const againAsked = new Promise<void>((asked) => {
    again = asked;
  });
  const {
    boot,
    config,
    firmware,
    opened: sources,
  } = await bootAgent(options, {
    ...{ pushed, reboot: again },
    folder: files === null ? null : folder,
    open: ({ capture }) => openSources(capture.sources),
  });
  const names = namesOf(pushed);
  if (names.length > 0) {
    console.error(
      `airherd: configuration ${configuration.running} of the cloud is over the local settings: ${names.join(', ')}`,
    );
  }
  const identity = await loadIdentity(folder);
  const log = watchedLog(config.log.level, options);
  const outcome = new Outcome(identity, options.trace === true);
  const device = createAgent({
    identity,
    config,
    dialer: nodeDialer,
    clock: nodeClock,
    random: nodeRandom,
    files,
    sources,
    firmware: boot.version,
    upgrade: firmware ?? undefined,
    notBeforeMs: NOT_BEFORE_MS,
    manufacturerOf: sources.length > 0 ? manufacturersOnDemand() : undefined,
    log,
    operator: {
      restart: again,
      locate: sayWhere(identity.serial),
      about: () => aboutThisAgent(identity, config),
    },
    configurable: {
      configuration,
      problems: (settings) => problemsOf(options, settings, boot.settings),
      begin: again,
    },
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
      judgeSettings: () => agentConfig(options, { pushed, firmware: boot.settings }),
      again: againAsked,
    });
  } finally {
    await device.stop();
    await statusPage?.close();
    await health?.close();
    await firmware?.close();
  }
  if (next === 'again') return next;
  return () => {
    if (options.json) console.log(JSON.stringify(outcome.summary(identity.serial, device)));
    else if (!outcome.fatal) console.log(outcome.closing(identity.serial, device));
    if (outcome.fatal) throw outcome.fatal;
  };
}

/** Two agents that append to one journal would destroy it. */
async function lockOutbox(path: string): Promise<LockFile> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const lock = await takeLock(join(path, 'lock'));
  if (lock) return lock;
  throw new AirherdError('outbox-damaged', { path, detail: 'another agent that is running uses it' });
}
