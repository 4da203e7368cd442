import { open, readFile, rm } from 'node:fs/promises';

export interface LockFile {
  release(): Promise<void>;
}

/** Takes the lock unless a live process holds it; null then. What a killed process left is taken over. */
export async function takeLock(path: string): Promise<LockFile | null> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.writeFile(`${process.pid} ${(await startOf(process.pid)) ?? ''}\n`);
      await handle.close();
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const [pid, start] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
    if (pid !== '' && (await isRunning(Number(pid), start))) return null;
    await rm(path, { force: true });
  }
  return null;
}

async function isRunning(pid: number, start: string | undefined): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  const now = await startOf(pid);
  return now === null || now === start;
}

/**
 * When the process began, in ticks since boot (proc(5)): tells it from a later one with the same number. Null
 * where there is no /proc, "dead" for what was killed and is not yet reaped.
 */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (stat === null) return null;
  // the second field is a name in parentheses that may hold anything; state is the third, starttime the 22nd
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'dead' : fields[19];
}
