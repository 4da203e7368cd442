import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** `airherd cloud` as a process of its own. */
export interface CloudProcess {
  child: ChildProcess;
  pid: number;
  devicePort: number;
  apiPort: number;
  trustPem: string[];
  /** The local operator's. */
  token: string;
  /** All that it has logged so far. */
  log(): string;
  /** Kills it with `signal` and resolves with the exit code once it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function spawnCloud(main: string, home: string, args: string[] = []): Promise<CloudProcess> {
  const child = spawn(
    process.execPath,
    [main, 'cloud', '--port', '0', '--api-port', '0', '--log-level', 'debug', '--json', ...args],
    { env: { ...process.env, AIRHERD_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, 'line'),
    gone.then(() => {
      throw new Error(`the cloud did not start: ${log}`);
    }),
  ]);
  const { devicePort, apiPort } = JSON.parse(line);
  const operator = JSON.parse(readFileSync(join(home, 'cloud', 'operator.json'), 'utf8'));
  return {
    child,
    pid: child.pid ?? 0,
    devicePort,
    apiPort,
    trustPem: [operator.trustPem],
    token: operator.token,
    log: () => log,
    async end(signal) {
      child.kill(signal);
      const [code] = await gone;
      return code;
    },
  };
}
