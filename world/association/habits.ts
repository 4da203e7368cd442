/** How one station differs from others in when it looks around and when it goes. */
import type { Being, WifiTraits } from '../beings/model.ts';
import { Draws, hash, hash4, subSeed, uniform } from '../random.ts';

export interface Habits {
  /** Heard more weakly than this, it looks for another access point. */
  triggerDbm: number;
  /** How much better another must be while it sends, and while it does not. */
  betterActiveDb: number;
  betterIdleDb: number;
  /** Between two searches; doubled while they find nothing. */
  searchMs: number;
  /** What a radio of a higher band is worth to it. */
  bandBonusDb: Readonly<Record<'2.4' | '5' | '6', number>>;
  /** How often it does what its access point advises. */
  obedience: number;
}

/** Apple's for iOS and macOS: below −70 dBm, 8 dB better while it sends, 12 dB while it does not. */
const TRIGGER_DBM = -70;
const BETTER_ACTIVE_DB = 8;
const BETTER_IDLE_DB = 12;
/** One in so many holds on to what it has. */
const STICKY_SHARE = 0.1;
const STICKY_TRIGGER_DBM = -78;
const STICKY_MORE_DB = 6;

/** Where makers differ: things that do not move have simple radios, and scanners in shops roam early. */
const TRIGGER_OF_KIND: Readonly<Record<string, number>> = { iot: -75, scanner: -65, printer: -80 };

export function habitsOf(seed: number, being: Being): Habits {
  const draws = new Draws(hash(subSeed(seed, 'habits'), being.index));
  const isSticky = draws.chance(STICKY_SHARE);
  const usual = TRIGGER_OF_KIND[being.kind] ?? TRIGGER_DBM;
  const more = isSticky ? STICKY_MORE_DB : 0;
  return {
    triggerDbm: isSticky ? Math.min(usual, STICKY_TRIGGER_DBM) : usual,
    betterActiveDb: BETTER_ACTIVE_DB + more,
    betterIdleDb: BETTER_IDLE_DB + more,
    searchMs: draws.integer(8, 12) * 1000,
    bandBonusDb: { '2.4': 0, '5': draws.integer(3, 9), '6': draws.integer(5, 12) },
    obedience: isSticky ? 0.2 : 0.8,
  };
}

const ACTIVITY_MS = 30_000;
const ACTIVE_SHARE: Readonly<Record<string, number>> = { laptop: 0.6, phone: 0.3, tablet: 0.4, scanner: 0.5 };

/** Whether somebody uses it, half a minute at a time. */
export function isActive(seed: number, being: Being, tMs: number): boolean {
  const bits = hash4(subSeed(seed, 'active'), being.index, Math.floor(tMs / ACTIVITY_MS) | 0, 0, 0);
  return uniform(bits) < (ACTIVE_SHARE[being.kind] ?? 0.1);
}

/**
 * Gaps of eleven measured phones: medians of 17 to 135 s, 95th percentiles of 60 to 270 s. Log-normal here, with the
 * ratio of the two falling from 3.5 for those who probe most to 2 for those who probe least.
 */
const [BRISK_S, BRISK_RATIO] = [17, 60 / 17];
const [SLOW_S, SLOW_RATIO] = [135, 2];
const FALL = Math.log(BRISK_RATIO / SLOW_RATIO) / Math.log(SLOW_S / BRISK_S);
const Z95 = 1.645;
/** Nobody probes more often. */
const LEAST_GAP_MS = 3000;

/** Time from one burst of probe requests to the next, whole milliseconds. */
export function burstGapMs(draws: Draws, { burstGapMs: medianMs }: WifiTraits): number {
  const ratio = BRISK_RATIO * (medianMs / 1000 / BRISK_S) ** -FALL;
  const sigma = Math.round((1000 * Math.log(ratio)) / Z95) / 1000;
  return Math.max(LEAST_GAP_MS, Math.round(medianMs * Math.exp(sigma * draws.normal())));
}
