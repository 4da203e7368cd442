import { type CommandGroup, loadGroup } from '../command-group.ts';

/** Every `airherd firmware` command. */
const GROUP: CommandGroup = {
  name: 'firmware',
  description: 'images of devices: build, sign, and roll out in stages',
  commands: {
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
  },
};

/** @param called the word behind `firmware` */
export const firmware = (called: string) => loadGroup(GROUP, called);
