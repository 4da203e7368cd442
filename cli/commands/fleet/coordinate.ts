import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { coordinateRun, isName, Pool, parseFleetConfig } from '../../../fleet/index.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { parseDuration } from '../../duration.ts';
import { upTo } from '../../whole-number.ts';
import { type BusFlags, openBus, withBusFlags } from './bus.ts';
import { checkTarget } from './preflight.ts';
import { type ReportFlags, reportedRun, withReportFlags } from './run.ts';
import { type FleetFlags, fleetInput, withFleetFlags } from './settings.ts';

interface CoordinateFlags extends FleetFlags, ReportFlags, BusFlags {
  machines: number;
  shares?: number;
  wait: number;
}

/** Shares for each machine: when one is lost, the others take its shares, not all of its devices at once. */
const SHARES_EACH = 2;
/** Until all have heard that they begin. */
const LEAD_MS = 2_000;
const MINUTE_MS = 60_000;

/** `airherd fleet coordinate`: a run on several machines that speak over an MQTT broker. */
export function fleetCoordinate(group: Command): void {
  withBusFlags(
    withReportFlags(
      withFleetFlags(
        group.command('coordinate').description('share a run among machines, and report as one'),
      ),
    ),
  )
    .requiredOption('--machines <n>', 'begin when so many workers are there', upTo(1024))
    .option('--shares <n>', `parts that are given out (default: ${SHARES_EACH} for each machine)`, upTo(4096))
    .option('--wait <duration>', 'for workers', parseDuration, MINUTE_MS)
    .addHelpText(
      'after',
      `
Every machine has the same identities (a pack). A worker that vanishes is replaced within 10 s by the others.

  airherd fleet work --via mqtts://broker.lab:8883 --pack fleet.pack --pack-key fleet.key      # on each
  airherd fleet coordinate run.yaml --via mqtts://broker.lab:8883 --machines 4 --html report.html`,
    )
    .action(coordinate);
}

async function coordinate(file: string | undefined, flags: CoordinateFlags): Promise<void> {
  const { machines, run, wait } = flags;
  if (!isName(run)) throw new AirherdError('usage-invalid', { detail: '--run: letters, digits, _ and -' });
  const input = await fleetInput(file, flags);
  const config = parseFleetConfig(input, file ?? 'flags');
  checkTarget(config, flags);
  const shares = Math.min(flags.shares ?? machines * SHARES_EACH, config.devices);
  console.error(`target      ${config.cloud}, ${config.devices} devices, ${config.for / 1000} s`);
  console.error(`machines    ${machines}, ${shares} shares, over ${flags.via}`);
  const bus = await openBus(flags, `airherd-coordinator-${randomBytes(6).toString('hex')}`);
  const pool = new Pool({
    run,
    config: input,
    shards: shares,
    bus,
    clock: nodeClock,
    onNews: (text) => console.error(text),
  });
  try {
    await reportedRun(config, flags, async (onProgress, signal) => {
      await pool.gather(machines, wait);
      for (const { name, clockOffsetMs } of pool.machines()) {
        const ahead = clockOffsetMs >= 0 ? 'ahead' : 'behind';
        console.error(`clock of    ${name}: ${Math.abs(clockOffsetMs).toFixed(1)} ms ${ahead} of ours`);
      }
      const report = await coordinateRun(config, pool.shards, nodeClock, onProgress, signal, LEAD_MS);
      return { ...report, workers: machines, machines: pool.machines() };
    });
  } finally {
    pool.close();
    await bus.close();
  }
}
