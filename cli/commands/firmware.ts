import type { Command } from 'commander';

type Register = (group: Command) => void;

/** Every `airherd firmware` command, one file each in firmware/, read only when it is called for. */
const SUBCOMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  key: async () => (await import('./firmware/key.ts')).firmwareKey,
  build: async () => (await import('./firmware/build.ts')).firmwareBuild,
  sign: async () => (await import('./firmware/sign.ts')).firmwareSign,
  verify: async () => (await import('./firmware/verify.ts')).firmwareVerify,
  upload: async () => (await import('./firmware/upload.ts')).firmwareUpload,
  list: async () => (await import('./firmware/list.ts')).firmwareList,
  rollout: async () => (await import('./firmware/rollout.ts')).firmwareRollout,
  status: async () => (await import('./firmware/status.ts')).firmwareStatus,
  pause: async () => (await import('./firmware/steer.ts')).firmwarePause,
  resume: async () => (await import('./firmware/steer.ts')).firmwareResume,
  abort: async () => (await import('./firmware/steer.ts')).firmwareAbort,
};

/** @param called the word behind `firmware`; all commands are there when it is none of theirs */
export async function firmware(called: string): Promise<Register> {
  const loads = Object.hasOwn(SUBCOMMANDS, called) ? [SUBCOMMANDS[called]] : Object.values(SUBCOMMANDS);
  const registers = await Promise.all(loads.map((load) => load()));
  return (program) => {
    const group = program
      .command('firmware')
      .description('images of devices: build, sign, and roll out in stages');
    for (const register of registers) register(group);
  };
}
