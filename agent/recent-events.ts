import type { AgentEvent } from './options.ts';

const REMEMBERED = 500;

/** What happened to the session, for a support bundle: nothing of it is about clients. */
export class RecentEvents {
  private readonly events: object[] = [];

  /** @param atMs monotonic */
  take(event: AgentEvent, atMs: number): void {
    const told = tellable(event);
    if (!told) return;
    this.events.push({ atMs: Math.round(atMs), type: event.type, ...told });
    if (this.events.length > REMEMBERED) this.events.shift();
  }

  list(): readonly object[] {
    return this.events;
  }
}

function tellable(event: AgentEvent): object | null {
  switch (event.type) {
    case 'state':
      return { state: event.state };
    case 'failure':
      return { code: event.error.code, detail: event.error.message, retryInMs: event.retryInMs };
    case 'source':
      return { name: event.name, state: event.state, code: event.error?.code };
    case 'command':
      return { name: event.name };
    case 'config':
      return { version: event.config.version };
    case 'configuration':
      return { version: event.version, state: event.state, problems: event.problems };
    case 'upgrade': {
      const { type: _, ...told } = event;
      return told;
    }
    case 'disk-fault':
      return { detail: event.detail };
    case 'renewed':
    case 'key-rotated':
      return {};
    default:
      return null;
  }
}
