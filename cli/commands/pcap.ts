import type { Command } from 'commander';
import { pcapInfo } from './pcap/info.ts';
import { pcapSlice } from './pcap/slice.ts';

/** Every `airherd pcap` command, one file each in pcap/. */
const subcommands: readonly ((group: Command) => void)[] = [pcapInfo, pcapSlice];

export function pcap(program: Command): void {
  const group = program.command('pcap').description('work on capture files: pcap and pcapng');
  for (const register of subcommands) register(group);
}
