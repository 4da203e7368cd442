import { connect, createServer, type Socket } from 'node:net';
import type { Clock, Timer } from '../ports/clock.ts';
import {
  CLEAR_LINK,
  type LinkBreak,
  type LinkConditions,
  type LinkProxy,
  type LocalEnd,
} from '../ports/link.ts';
import type { Random } from '../ports/random.ts';
import { LinkDirection } from './link-direction.ts';

export interface LinkProxyOptions {
  /** Where connections go. */
  target: { host: string; port: number };
  clock: Clock;
  /** Draws of one connection and direction; from a seed, so that a run can be had again. */
  randomOf(name: string): Random;
  /** Connections say which link they are (`claim`); else all are the link `''`. */
  claimed?: boolean;
  host?: string;
}

/** Whoever has not said by then which link it is, is `''`. */
const CLAIM_MS = 1_000;
const nameOf = ({ address, port }: LocalEnd): string => `${address} ${port}`;

/** Starts a proxy on a free port of `host` (127.0.0.1). See `LinkProxy` for what it does to connections. */
export async function startLinkProxy(options: LinkProxyOptions): Promise<LinkProxy> {
  const { clock, randomOf, target, claimed = false, host = '127.0.0.1' } = options;
  const conditions = new Map<string, LinkConditions>();
  const open = new Set<Connection>();
  const counts = new Map<string, number>();
  const claims = new Map<string, string>();
  const waiting = new Map<string, (link: string) => void>();
  const conditionsOf = (link: string): LinkConditions => conditions.get(link) ?? CLEAR_LINK;

  const begin = (socket: Socket, link: string): void => {
    if (socket.destroyed) return;
    const number = (counts.get(link) ?? 0) + 1;
    counts.set(link, number);
    const connection = new Connection({
      link,
      device: socket,
      target,
      clock,
      conditions: () => conditionsOf(link),
      randomOf: (direction) => randomOf(`${link}/${number}/${direction}`),
      onClosed: () => open.delete(connection),
    });
    open.add(connection);
    connection.changed();
  };

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    if (!claimed) return begin(socket, '');
    const name = nameOf({ address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
    const link = claims.get(name);
    claims.delete(name);
    if (link !== undefined) return begin(socket, link);
    const timer: Timer = clock.timer(CLAIM_MS, () => settle(''));
    const settle = (said: string) => {
      timer.cancel();
      waiting.delete(name);
      begin(socket, said);
    };
    waiting.set(name, settle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0, backlog: 4096 }, () => resolve());
  });
  const address = server.address();
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    claim(local, link) {
      const name = nameOf(local);
      const settle = waiting.get(name);
      if (settle) settle(link);
      else claims.set(name, link);
    },
    set(link, change) {
      conditions.set(link, { ...conditionsOf(link), ...change });
      for (const connection of open) if (connection.link === link) connection.changed();
    },
    break(link, how) {
      const concerned = [...open].filter((connection) => connection.link === link);
      for (const connection of concerned) connection.break(how);
      return concerned.length;
    },
    connections: (link) =>
      link === undefined ? open.size : [...open].filter((connection) => connection.link === link).length,
    close: () =>
      new Promise((resolve) => {
        for (const connection of open) connection.break('cut');
        for (const settle of waiting.values()) settle('');
        for (const connection of open) connection.break('cut');
        server.close(() => resolve());
      }),
  };
}

interface ConnectionOptions {
  link: string;
  device: Socket;
  target: { host: string; port: number };
  clock: Clock;
  conditions(): LinkConditions;
  randomOf(direction: 'up' | 'down' | 'break'): Random;
  onClosed(): void;
}

/** A device's connection and the one to the target; that one is made once the link is no black hole. */
class Connection {
  readonly link: string;
  private readonly options: ConnectionOptions;
  private readonly device: Socket;
  private target: Socket | null = null;
  private directions: LinkDirection[] = [];
  private isHalfOpen = false;
  /** Ended in a black hole: the other end is told when it ends. */
  private lostUnseen: Socket | null = null;

  constructor(options: ConnectionOptions) {
    this.link = options.link;
    this.options = options;
    this.device = options.device;
    this.device.on('close', () => this.lost(this.device));
  }

  /** The conditions of its link may be others now. */
  changed(): void {
    if (this.target === null && !this.device.destroyed && !this.options.conditions().blackHole) this.dial();
    for (const direction of this.directions) direction.flow();
    if (this.lostUnseen !== null && !this.options.conditions().blackHole) this.lost(this.lostUnseen);
  }

  break(how: LinkBreak): void {
    switch (how) {
      case 'cut':
        this.device.destroy();
        this.target?.destroy();
        return;
      case 'reset':
        this.reset();
        return;
      case 'reset-mid-record': {
        const share = this.options.randomOf('break').float();
        for (const direction of this.directions) direction.breakInRecord(share, () => this.reset());
        return;
      }
      case 'half-open':
        this.isHalfOpen = true;
        for (const direction of this.directions) direction.stop();
        this.device.resetAndDestroy();
        // It is read, so that its end is noticed, and nothing of it goes anywhere.
        this.target?.once('end', () => this.target?.destroy()).resume();
        return;
    }
  }

  private dial(): void {
    const { device, options } = this;
    const { clock, conditions, randomOf } = options;
    // The target counts connections by address, and ports are of an address: the device's own is kept.
    const own = device.remoteAddress?.startsWith('127.') ? device.remoteAddress : undefined;
    const target = connect({ ...options.target, localAddress: own, noDelay: true, allowHalfOpen: true });
    target.on('error', () => {});
    target.on('close', () => this.lost(target));
    this.target = target;
    const up = {
      from: device,
      to: target,
      bytesPerS: () => conditions().upBytesPerS,
      random: randomOf('up'),
    };
    const down = {
      from: target,
      to: device,
      bytesPerS: () => conditions().downBytesPerS,
      random: randomOf('down'),
    };
    this.directions = [up, down].map((way) => new LinkDirection({ ...way, clock, conditions }));
  }

  private reset(): void {
    this.device.resetAndDestroy();
    this.target?.resetAndDestroy();
  }

  /** One end is gone: so is the other, unless it is not to know. */
  private lost(socket: Socket): void {
    const other = socket === this.device ? this.target : this.device;
    this.lostUnseen = this.options.conditions().blackHole ? socket : null;
    if (this.lostUnseen !== null && other !== null && !other.destroyed) return;
    if (other !== null && !other.destroyed && !(this.isHalfOpen && socket === this.device)) {
      if (socket.errored) other.resetAndDestroy();
      else other.destroySoon();
    }
    if (this.device.destroyed && (this.target === null || this.target.destroyed)) {
      for (const direction of this.directions) direction.stop();
      this.options.onClosed();
    }
  }
}
