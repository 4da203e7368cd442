import type { Command } from 'commander';
import { nodeClock } from '../../platform/node/clock.ts';
import type { Timer } from '../../platform/ports/clock.ts';
import { EXIT } from '../../protocol/errors.ts';
import { type DemoLab, startDemoLab } from '../demo/lab.ts';
import { openScreen } from '../demo/screen.ts';
import { takeSnapshot } from '../demo/snapshot.ts';
import { drawDemo } from '../demo/view.ts';
import { parseDuration } from '../duration.ts';
import { airherdHome, demoHome } from '../home.ts';

const REDRAW_MS = 250;
/** A pipe gets a line a second instead of a picture. */
const LINE_MS = 1000;

interface Options {
  for?: number;
  json?: boolean;
}

export function demo(program: Command): void {
  program
    .command('demo')
    .description('the whole product on this machine: a cloud, an access point and a switch, on real captures')
    .option('--for <duration>', 'stop after 15s, 5m, 2h (default: at Ctrl-C)', parseDuration)
    .option('--json', 'print one JSON summary at the end and nothing else')
    .action(runDemo);
}

async function runDemo(options: Options): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const lab = await startDemoLab(demoHome(airherdHome()), (line) => console.error(line));
  const startedMs = nodeClock.monoMs();
  const snapshot = () => takeSnapshot(lab.cloud, lab.orgId, lab.devices, nodeClock.monoMs() - startedMs);
  const view = options.json ? null : startView(snapshot);
  try {
    await untilDone(options.for, stop.signal);
    view?.draw();
    const summary = options.json ? { ...snapshot(), ledger: settle(lab) } : null;
    if (summary) console.log(JSON.stringify(summary, null, 2));
    if (summary?.devices.some((device) => device.state !== 'open')) process.exitCode = EXIT.failure;
  } finally {
    view?.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await lab.stop();
  }
}

function startView(snapshot: () => ReturnType<typeof takeSnapshot>): { draw(): void; close(): void } {
  const { stdout } = process;
  if (stdout.isTTY) {
    const screen = openScreen(stdout);
    const draw = () => screen.draw(drawDemo(snapshot(), stdout.columns, stdout.rows - 1));
    const timer = nodeClock.every(REDRAW_MS, draw);
    draw();
    return {
      draw,
      close: () => {
        timer.cancel();
        screen.close();
      },
    };
  }
  const line = () => {
    const { clients, neighbours, slicing, elapsedMs } = snapshot();
    console.log(
      `${Math.round(elapsedMs / 1000)} s: ${clients.length} clients, ${neighbours.length} neighbours, ` +
        `${slicing.frames} frames sliced, ${slicing.bytesKept} bytes kept, ${slicing.bytesCut} cut`,
    );
  };
  const timer = nodeClock.every(LINE_MS, line);
  return { draw: line, close: () => timer.cancel() };
}

function untilDone(forMs: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let timer: Timer | null = null;
    const done = () => {
      timer?.cancel();
      resolve();
    };
    if (signal.aborted) done();
    signal.addEventListener('abort', done, { once: true });
    if (forMs !== undefined) timer = nodeClock.timer(forMs, done);
  });
}

/** The agents' side of the ledger: produced = acknowledged + pending + dropped. */
function settle({ devices }: DemoLab) {
  const total = { produced: 0, acknowledged: 0, pending: 0, dropped: 0 };
  for (const { agent } of devices) {
    for (const row of agent.ledger()) {
      for (const key of ['produced', 'acknowledged', 'pending', 'dropped'] as const) total[key] += row[key];
    }
  }
  return total;
}
