import { type CommandGroup, loadGroup } from '../command-group.ts';

/** Every `airherd pcap` command. */
const GROUP: CommandGroup = {
  name: 'pcap',
  description: 'capture files, and the captures that the cloud holds',
  commands: {
    info: async () => (await import('./pcap/info.ts')).pcapInfo,
    slice: async () => (await import('./pcap/slice.ts')).pcapSlice,
    list: async () => (await import('./pcap/list.ts')).pcapList,
    get: async () => (await import('./pcap/get.ts')).pcapGet,
    tail: async () => (await import('./pcap/tail.ts')).pcapTail,
    start: async () => (await import('./pcap/start.ts')).pcapStart,
    stop: async () => (await import('./pcap/stop.ts')).pcapStop,
  },
};

/** @param called the word behind `pcap` */
export const pcap = (called: string) => loadGroup(GROUP, called);
