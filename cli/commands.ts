import type { Command } from 'commander';

type Register = (program: Command) => void;

/**
 * Every command by the word that calls it, in the order that `--help` shows; one file a command. A command's
 * file is read only when it is called for: `airherd pcap slice` is not to wait for a broker and a database.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  demo: async () => (await import('./commands/demo.ts')).demo,
  certs: async () => (await import('./commands/certs.ts')).certs,
  device: async () => (await import('./commands/device.ts')).device,
  cloud: async () => (await import('./commands/cloud.ts')).cloud,
  user: async () => (await import('./commands/user.ts')).user,
  token: async () => (await import('./commands/token.ts')).token,
  agent: async () => (await import('./commands/agent.ts')).agent,
  login: async () => (await import('./commands/login.ts')).loginCommand,
  'status-password': async () => (await import('./commands/status-password.ts')).statusPassword,
  fleet: async () => (await import('./commands/fleet.ts')).fleet,
  observe: async () => (await import('./commands/observe.ts')).observe,
  pcap: async () => (await import('./commands/pcap.ts')).pcap(process.argv[3] ?? ''),
  privacy: async () => (await import('./commands/privacy.ts')).privacy,
  world: async () => (await import('./commands/world.ts')).world,
  reset: async () => (await import('./commands/reset.ts')).reset,
};
