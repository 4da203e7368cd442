import { subSeed } from '../world/random.ts';

/** Which worker has the device: by its serial alone, so that it is the same in every process. */
export const shardOf = (serial: string, workers: number): number => subSeed(0, serial) % workers;
