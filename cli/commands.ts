import type { Command } from 'commander';
import { keepHeapSmall } from './small-heap.ts';

type Register = (program: Command) => void;

/**
 * Every command by the word that calls it, in the order that `--help` shows; one file a command. A command's
 * file is read only when it is called for: `airherd pcap slice` is not to wait for a broker and a database.
 */
export const COMMANDS: Readonly<Record<string, (words: readonly string[]) => Promise<Register>>> = {
  demo: async () => (await import('./commands/demo.ts')).demo,
  certs: async () => (await import('./commands/certs.ts')).certs,
  device: async () => (await import('./commands/device.ts')).device,
  cloud: async () => (await import('./commands/cloud.ts')).cloud,
  agent: async () => {
    keepHeapSmall();
    return (await import('./commands/agent.ts')).agent;
  },
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  login: async () => (await import('./commands/login.ts')).loginCommand,
  firmware: async (words) => (await import('./commands/firmware.ts')).firmware(words[1] ?? ''),
  'status-password': async () => (await import('./commands/status-password.ts')).statusPassword,
  observe: async () => (await import('./commands/observe.ts')).observe,
  pcap: async (words) => (await import('./commands/pcap.ts')).pcap(words[1] ?? ''),
  world: async () => (await import('./commands/world.ts')).world,
  scenario: async () => (await import('./commands/scenario.ts')).scenario,
  score: async () => (await import('./commands/score.ts')).score,
  fleet: async () => (await import('./commands/fleet.ts')).fleet,
  user: async () => (await import('./commands/user.ts')).user,
  token: async () => (await import('./commands/token.ts')).token,
  privacy: async () => (await import('./commands/privacy.ts')).privacy,
  completion: async () => (await import('./commands/completion.ts')).completion,
  manual: async () => (await import('./commands/manual.ts')).manual,
  reset: async () => (await import('./commands/reset.ts')).reset,
};

/** The headings of `airherd --help`, in its order. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Start here:': ['demo'],
  'Devices and their cloud:': [
    'certs',
    'device',
    'cloud',
    'agent',
    'login',
    'doctor',
    'firmware',
    'status-password',
  ],
  'Packets and what they say:': ['observe', 'pcap'],
  'Simulation, tests and load:': ['world', 'score', 'scenario', 'fleet'],
  'People and privacy:': ['user', 'token', 'privacy'],
  'This program:': ['help', 'completion', 'manual', 'reset'],
};
