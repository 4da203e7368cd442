import type { Agent, AgentEvent } from '../../../agent/index.ts';
import type { Identity } from '../../../certs/identity.ts';
import type { AirherdError } from '../../../protocol/errors.ts';
import { traceLine, upgradeLine } from './trace.ts';

/** What happened, for the summary and the exit code. */
export class Outcome {
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
    if (event.type === 'configuration' && !this.trace) sayConfiguration(event);
    if (event.type === 'upgrade' && !this.trace) console.error(`airherd: ${upgradeLine(event)}`);
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

type ConfigurationOutcome = Omit<Extract<AgentEvent, { type: 'configuration' }>, 'type'>;

const WORDS: Readonly<Record<ConfigurationOutcome['state'], string>> = {
  applied: 'is applied, and not confirmed yet',
  confirmed: 'is confirmed',
  refused: 'was refused',
  'rolled-back': 'was rolled back',
};

/** What became of a configuration, where somebody may look. */
export function sayConfiguration({ version, state, problems }: ConfigurationOutcome): void {
  const why = problems.length > 0 ? `: ${problems.join('; ')}` : '';
  console.error(`airherd: configuration ${version} of the cloud ${WORDS[state]}${why}`);
}
