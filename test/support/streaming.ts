import type { DeviceClient } from './device-client.ts';

/** Sends message after message, each when the one before is acknowledged, until stopped. */
export function stream(device: DeviceClient, name: string, fields: (n: number) => object) {
  const state = { running: true, acknowledged: 0 };
  let reached = () => {};
  let wanted = Number.POSITIVE_INFINITY;
  const done = (async () => {
    while (state.running) {
      await device.acked(name, device.publish(name, fields(state.acknowledged + 1)));
      state.acknowledged++;
      if (state.acknowledged >= wanted) reached();
    }
  })();
  return {
    /** Resolves when so many are acknowledged. */
    reaches: (count: number) =>
      new Promise<void>((resolve) => {
        reached = resolve;
        wanted = count;
        if (state.acknowledged >= count) resolve();
      }),
    /** Resolves with how many were acknowledged, the last one among them. */
    async stop(): Promise<number> {
      state.running = false;
      await done;
      return state.acknowledged;
    },
  };
}
