import { getHeapSpaceStatistics } from 'node:v8';

/**
 * Resident memory after garbage collection, in bytes, without V8's young generation: that is up to 48 MB for the
 * process, however many connections it holds, and would be counted as theirs. Needs --expose-gc.
 */
export async function residentBytes() {
  // What was freed a moment ago has to be given back to the system first.
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return process.memoryUsage.rss() - young.physical_space_size;
}
