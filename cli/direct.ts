import type { Command } from 'commander';

type Register = (program: Command) => void;

/**
 * Commands that work on captures are often done sooner than the agent and the cloud are loaded: these are
 * registered alone when they are named first. All of them are in commands.ts as well.
 */
const DIRECT = new Map<string, () => Promise<Register>>([
  ['pcap', async () => (await import('./commands/pcap.ts')).pcap],
  ['observe', async () => (await import('./commands/observe.ts')).observe],
]);

/** What to register for a command line that begins with `first`. */
export async function commandsFor(first: string | undefined): Promise<readonly Register[]> {
  const direct = DIRECT.get(first ?? '');
  if (direct !== undefined) return [await direct()];
  return (await import('./commands.ts')).commands;
}
