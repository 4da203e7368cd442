import { spawn } from 'node:child_process';
import type { Clock, Timer } from '../ports/clock.ts';

/**
 * Tells systemd that the service is up, and again and again that it lives, where it runs under one that wants to know
 * (sd_notify(3)). Node has no datagram sockets of Unix, so systemd-notify(1) says it: the unit needs NotifyAccess=all.
 */
export function notifySystemd(environment: NodeJS.ProcessEnv, clock: Clock): { stop(): void } {
  if (!environment.NOTIFY_SOCKET) return { stop: () => {} };
  const say = (...words: string[]) => {
    spawn('systemd-notify', words, { stdio: 'ignore', env: environment })
      .on('error', () => {})
      .unref();
  };
  say('--ready', `--pid=${process.pid}`);
  const limitMs = Number(environment.WATCHDOG_USEC ?? 0) / 1000;
  const alive: Timer | null = limitMs > 0 ? clock.every(limitMs / 3, () => say('WATCHDOG=1')) : null;
  return {
    stop() {
      alive?.cancel();
      say('STOPPING=1');
    },
  };
}
