import type { Command } from 'commander';
import { observe } from './commands/observe.ts';
import { pcap } from './commands/pcap.ts';
import { reset } from './commands/reset.ts';

/** Every command, in the order that `--help` shows. One file a command. */
export const commands: readonly ((program: Command) => void)[] = [observe, pcap, reset];
