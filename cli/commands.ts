import type { Command } from 'commander';
import { agent } from './commands/agent.ts';
import { certs } from './commands/certs.ts';
import { cloud } from './commands/cloud.ts';
import { demo } from './commands/demo.ts';
import { device } from './commands/device.ts';
import { loginCommand } from './commands/login.ts';
import { observe } from './commands/observe.ts';
import { pcap } from './commands/pcap.ts';
import { reset } from './commands/reset.ts';
import { statusPassword } from './commands/status-password.ts';
import { world } from './commands/world.ts';

/** Every command, in the order that `--help` shows. One file a command. */
export const commands: readonly ((program: Command) => void)[] = [
  demo,
  certs,
  cloud,
  device,
  observe,
  pcap,
  reset,
  agent,
  loginCommand,
  statusPassword,
  world,
];
