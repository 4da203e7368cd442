import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type FleetConfig, isName, type Report, reportTopic, workForFleet } from '../../../fleet/index.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { airherdHome } from '../../home.ts';
import { withPackFlags } from '../../pack-secret.ts';
import { type BusFlags, openBus, withBusFlags } from './bus.ts';
import { type PreflightFlags, preflight } from './preflight.ts';
import { withTargetApiFlags } from './settings.ts';
import { startWorker } from './workers.ts';

interface WorkFlags extends BusFlags, PreflightFlags {
  name: string;
}

function workerName(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError('letters, digits, _ and -, at most 64.');
}

const ownName = (): string =>
  `${hostname()
    .replace(/[^\w-]/g, '-')
    .slice(0, 50)}-${process.pid}`;

/** `airherd fleet work`: this machine's part of a run that is coordinated elsewhere. */
export function fleetWork(group: Command): void {
  withTargetApiFlags(
    withBusFlags(
      withPackFlags(
        group.command('work').description('take part in a run that airherd fleet coordinate shares out'),
        'identities of airherd device create --pack, the same on every machine',
      ),
    ),
  )
    .addOption(
      new Option('--identities <dir>', 'folder that airherd device create filled').default(
        airherdHome().devices,
        'devices/ of $AIRHERD_HOME',
      ),
    )
    .addOption(
      new Option('--name <name>', 'of this worker')
        .argParser(workerName)
        .default(ownName(), 'machine and process'),
    )
    .option('--i-own-this-target', 'allow a target that is not this machine')
    .action(work);
}

async function work(flags: WorkFlags): Promise<void> {
  const { name, run } = flags;
  if (!isName(run)) throw new AirherdError('usage-invalid', { detail: '--run: letters, digits, _ and -' });
  const session = randomBytes(8).toString('hex');
  const gone: Report = { type: 'gone', session };
  const will = { topic: reportTopic(run, name), message: gone };
  const bus = await openBus(flags, `airherd-worker-${name}-${session}`, will);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let known: { text: string; prepared: ReturnType<typeof prepared> } | null = null;
  console.error(`worker ${name} waits for a run on ${flags.via}`);
  try {
    await workForFleet(
      {
        run,
        name,
        session,
        bus,
        clock: nodeClock,
        prepare: (config) => {
          // All shares of a run have one: it is looked at once.
          const text = JSON.stringify(config);
          if (text !== known?.text) known = { text, prepared: prepared(config, flags) };
          return known.prepared;
        },
        onNews: (text) => console.error(text),
      },
      stop.signal,
    );
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await bus.close();
  }
}

async function prepared(config: FleetConfig, flags: WorkFlags) {
  const { serials, source, api } = await preflight(config, flags);
  return {
    serialsDigest: createHash('sha256').update(serials.join(' ')).digest('hex'),
    start: (worker: number, workers: number) =>
      startWorker({ config, serials, source, api, worker, workers }),
  };
}
