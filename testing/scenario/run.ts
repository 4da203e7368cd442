/** A scenario in a lab of its own, step by step to its end or to the first expectation that fails. */
import { resolve } from 'node:path';
import { AirherdError } from '../../protocol/errors.ts';
import type { DeviceCopy } from '../device-copy.ts';
import { durationMs } from '../duration.ts';
import { replayOf } from '../evidence.ts';
import { ExpectationError } from '../expect/wait.ts';
import type { FaultHandle } from '../faults.ts';
import { type Lab, startLab } from '../lab.ts';
import type { Scenario, ScenarioStep } from './file.ts';

export interface StepResult {
  line: number;
  text: string;
  outcome: 'passed' | 'failed' | 'not run';
  message?: string;
  /** Virtual or real time of the lab when it was over, milliseconds since its start. */
  atMs: number;
}

export interface ScenarioResult {
  scenario: string;
  file: string;
  seed: number;
  passed: boolean;
  steps: StepResult[];
  /** Where a failure left its evidence. */
  evidence?: string;
}

export const stepText = (step: ScenarioStep): string =>
  Object.entries(step)
    .filter(([key]) => key !== 'at')
    .map(([key, value]) =>
      key === 'do' || key === 'expect'
        ? `${key === 'do' ? '' : 'expect '}${value}`
        : `${key} ${JSON.stringify(value)}`,
    )
    .join(' ');

export async function runScenario(scenario: Scenario, file: string): Promise<ScenarioResult> {
  const { timeline, scenario: name, seed, start, ...options } = scenario;
  const result: ScenarioResult = { scenario: name, file, seed, passed: true, steps: [] };
  const lab = await startLab({
    ...options,
    seed,
    replay: replayOf(resolve(file)),
    ...(start !== undefined && { startMs: Date.parse(start) }),
  });
  try {
    const startMs = lab.clock.monoMs();
    const runner = new Runner(lab);
    for (const { step, line } of timeline) {
      const text = stepText(step);
      if (!result.passed) {
        result.steps.push({ line, text, outcome: 'not run', atMs: lab.clock.monoMs() - startMs });
        continue;
      }
      try {
        if (step.at !== undefined) {
          const waitMs = durationMs(step.at) - (lab.clock.monoMs() - startMs);
          if (waitMs > 0) await lab.clock.advance(waitMs);
        }
        await runner.take(step);
        result.steps.push({ line, text, outcome: 'passed', atMs: lab.clock.monoMs() - startMs });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        result.passed = false;
        result.evidence =
          error instanceof ExpectationError
            ? error.folder
            : await lab.evidence(`line ${line}: ${error.message}`);
        const message = error.message.split('\n')[0];
        result.steps.push({ line, text, outcome: 'failed', message, atMs: lab.clock.monoMs() - startMs });
      }
    }
    return result;
  } finally {
    await lab.stop();
  }
}

class Runner {
  private readonly lab: Lab;
  private readonly faults = new Map<string, FaultHandle>();
  private readonly copies = new Map<string, DeviceCopy>();

  constructor(lab: Lab) {
    this.lab = lab;
  }

  private device(id: string) {
    const found = [...this.lab.aps, ...this.lab.switches].find((one) => one.id === id);
    return found ?? this.lab.ap(id);
  }

  async take(step: ScenarioStep): Promise<void> {
    if ('expect' in step) return this.expect(step);
    const { lab } = this;
    switch (step.do) {
      case 'fail': {
        const { device, what, with: detail = {} } = step;
        const handle = await (device === undefined
          ? lab.fail(what, detail)
          : this.device(device).fail(what, detail));
        this.faults.set(`${device ?? ''} ${what}`, handle);
        return;
      }
      case 'mend': {
        const handle = this.faults.get(`${step.device ?? ''} ${step.what}`);
        if (handle !== undefined) return handle.mend();
        throw new AirherdError('usage-invalid', {
          detail: `${step.what} has not failed: there is nothing to mend`,
        });
      }
      case 'restart':
        return this.device(step.device).restart();
      case 'copy': {
        this.copies.set(step.device, this.device(step.device).copy());
        return;
      }
      case 'replace-key':
        return this.device(step.device).replaceKey();
      case 'join':
        return lab.client(step.client).join(step.ssid, { wrongPassword: step.wrongPassword === true });
      case 'leave':
        return lab.client(step.client).leave();
      case 'walk': {
        const { client, x, y, metresPerS } = step;
        return lab.client(client).walkTo(x, y, metresPerS === undefined ? {} : { metresPerS });
      }
      case 'link':
        return this.link(step);
      case 'roll-out': {
        const { do: _, at: __, ...wanted } = step;
        await lab.cloud.firmware.rollOut(wanted);
        return;
      }
      case 'kill-cloud':
        return lab.cloud.kill();
      case 'start-cloud':
        return lab.cloud.start();
      case 'kill-broker':
        return lab.broker.kill();
      case 'start-broker':
        return lab.broker.start();
      case 'wait':
        return lab.clock.advance(step.for);
      case 'api': {
        const { do: _, at: __, ...call } = step;
        await lab.cloud.api(call);
      }
    }
  }

  private link(step: Extract<ScenarioStep, { do: 'link' }>): void {
    const { link } = this.device(step.device);
    if (step.clear) link.clear();
    if (step.cut === true) link.cut();
    if (step.cut === false) link.restore();
    if (step.delay !== undefined) link.delay(step.delay, step.jitter ?? 0);
    if (step.up !== undefined || step.down !== undefined)
      link.limit({
        ...(step.up !== undefined && { up: step.up }),
        ...(step.down !== undefined && { down: step.down }),
      });
    if (step.blackHole !== undefined) link.blackHole(step.blackHole);
    if (step.break !== undefined) link.break(step.break);
  }

  private async expect(step: Extract<ScenarioStep, { expect: string }>): Promise<void> {
    const { lab } = this;
    const client = (id: string) => lab.expect.client(lab.client(id).mac);
    switch (step.expect) {
      case 'associated':
        return client(step.client).associated(step);
      case 'addressed':
        return client(step.client).addressed(step);
      case 'gone':
        return client(step.client).gone(step);
      case 'failed':
        return client(step.client).failed(step);
      case 'online':
        return lab.expect.device(step.device).online(step);
      case 'offline':
        return lab.expect.device(step.device).offline(step);
      case 'refused':
        return lab.expect.device(step.device).refused(step);
      case 'sends':
        return lab.expect.device(step.device).sends(step);
      case 'drained':
        return lab.expect.device(step.device).drained(step);
      case 'firmware':
        return lab.expect.device(step.device).runsFirmware(step.version, step);
      case 'rolled-back':
        return lab.expect.device(step.device).rolledBack(step.version, step);
      case 'balanced':
        return lab.expect.ledger.balanced(step);
      case 'heard':
        return lab.expect.device(step.device).heard(step);
      case 'crowd':
        return lab.expect.crowd(step);
      case 'disk-fault':
        return lab.expect.device(step.device).diskFault(step);
      case 'copy-accepted':
        return this.expectCopy(step.device, null);
      case 'copy-refused':
        return this.expectCopy(step.device, step.code);
      case 'api': {
        const { expect: _, at: __, ...wanted } = step;
        return lab.expect.api(wanted);
      }
    }
  }

  private async expectCopy(device: string, expected: string | null): Promise<void> {
    const copy = this.copies.get(device);
    if (copy === undefined)
      throw new AirherdError('usage-invalid', { detail: `nobody copied ${device}: write do: copy before` });
    const code = await copy.login();
    const told = (of: string | null) => (of === null ? 'let in' : `refused with ${of}`);
    if (code !== expected)
      throw new Error(`expected the copy of ${device} to be ${told(expected)}, but it was ${told(code)}`);
  }
}
