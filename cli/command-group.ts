import type { Command } from 'commander';

type Register = (group: Command) => void;

export interface CommandGroup {
  name: string;
  description: string;
  /** By the word that calls it, one file each, read only when it is called for. */
  commands: Readonly<Record<string, () => Promise<Register>>>;
}

/** @param called the word behind the group's; all commands are there when it is none of theirs */
export async function loadGroup(
  { name, description, commands }: CommandGroup,
  called: string,
): Promise<Register> {
  const loads = Object.hasOwn(commands, called) ? [commands[called]] : Object.values(commands);
  const registers = await Promise.all(loads.map((load) => load()));
  return (program) => {
    const group = program.command(name).description(description);
    for (const register of registers) register(group);
  };
}
