import type { Command } from 'commander';

type Register = (group: Command) => void;

/** Every `airherd pcap` command, one file each in pcap/, read only when it is called for. */
const SUBCOMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  info: async () => (await import('./pcap/info.ts')).pcapInfo,
  slice: async () => (await import('./pcap/slice.ts')).pcapSlice,
  list: async () => (await import('./pcap/list.ts')).pcapList,
  get: async () => (await import('./pcap/get.ts')).pcapGet,
  tail: async () => (await import('./pcap/tail.ts')).pcapTail,
  start: async () => (await import('./pcap/start.ts')).pcapStart,
  stop: async () => (await import('./pcap/stop.ts')).pcapStop,
};

/** @param called the word behind `pcap`; all commands are there when it is none of theirs */
export async function pcap(called: string): Promise<Register> {
  const loads = Object.hasOwn(SUBCOMMANDS, called) ? [SUBCOMMANDS[called]] : Object.values(SUBCOMMANDS);
  const registers = await Promise.all(loads.map((load) => load()));
  return (program) => {
    const group = program.command('pcap').description('capture files, and the captures that the cloud holds');
    for (const register of registers) register(group);
  };
}
