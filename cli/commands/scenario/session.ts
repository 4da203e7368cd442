import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AirherdError } from '../../../protocol/errors.ts';
import { replayOf } from '../../../testing/evidence.ts';
import { type Lab, type LabOptions, startLab } from '../../../testing/index.ts';
import type { ScenarioResult } from '../../../testing/scenario/run.ts';

/** A module that exports a lab's `options` and, as its default, what is done in it. */
interface Session {
  options?: LabOptions;
  default(lab: Lab): Promise<void> | void;
}

/** Not in the types of the oldest Node that we support. */
const stripsTypes = Boolean((process.features as { typescript?: string | false }).typescript);

const isSession = (module: object): module is Session =>
  'default' in module && typeof module.default === 'function';

/** One session in a lab of its own, and what was done in it as a scenario. */
export async function runSession(file: string): Promise<{ result: ScenarioResult; scenario: object }> {
  if (/\.[cm]?ts$/.test(file) && !stripsTypes) {
    const detail = `${file}: Node ${process.version} reads no TypeScript, Node 22.18 and later do`;
    throw new AirherdError('usage-invalid', { detail });
  }
  const module: object = await import(pathToFileURL(resolve(file)).href).catch((error: Error) => {
    throw new AirherdError('input-missing', { path: file, detail: error.message });
  });
  if (!isSession(module)) {
    const detail = 'it must export default async (lab) => { ... }, and may export const options = { ... }';
    throw new AirherdError('input-missing', { path: file, detail });
  }
  const lab = await startLab({ replay: replayOf(resolve(file)), ...module.options });
  const result: ScenarioResult = { scenario: file, file, seed: lab.seed, passed: true, steps: [] };
  try {
    const startMs = lab.clock.monoMs();
    const step = { line: 1, text: 'session' };
    try {
      await module.default(lab);
      result.steps.push({ ...step, outcome: 'passed', atMs: lab.clock.monoMs() - startMs });
    } catch (error) {
      const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
      result.passed = false;
      result.evidence = await lab.evidence(message);
      result.steps.push({ ...step, outcome: 'failed', message, atMs: lab.clock.monoMs() - startMs });
    }
    return { result, scenario: lab.scenario(file) };
  } finally {
    await lab.stop();
  }
}
