import { hash, uniform } from '../../world/random.ts';

/** Which devices a share of all is: the same for a seed, and a larger share holds those of a smaller. */
export function chosen(share: number, devices: number, seed: number): number[] {
  return Array.from({ length: devices }, (_, device) => device).filter(
    (device) => uniform(hash(seed, 4, device)) < share,
  );
}
