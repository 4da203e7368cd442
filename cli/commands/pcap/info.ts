import type { Command } from 'commander';

export function pcapInfo(group: Command): void {
  group
    .command('info')
    .description('what a capture holds: frames, times, interfaces, and whether it is whole')
    .argument('<file>', 'pcap or pcapng, or - for standard input')
    .option('--json', 'as one JSON object');
}
