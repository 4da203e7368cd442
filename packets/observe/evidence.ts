/**
 * What a device probably is. Each source (DHCP parameter list, DHCP vendor class, user agent, ...) names a
 * family, mostly an operating system, and how sure that is by itself; `combine` weighs them.
 */
export interface Evidence {
  /** Kind of device: 'Windows PC', 'iPhone', 'Printer', ... */
  family: string;
  os?: string;
  /** 0 to 1. */
  confidence: number;
  /**
   * The platform that the family belongs to; evidence of one platform agrees. 'apple' says as much for
   * an iPhone as for a Mac, only less exactly.
   */
  platform: Platform;
}

export type Platform = 'apple' | 'android' | 'windows' | 'chromeos' | 'linux' | 'device';

export interface Placed extends Evidence {
  /** Number of the frame that it was found in. */
  frame: number;
}

export interface Verdict {
  family: string;
  os?: string;
  confidence: number;
  familyFrame: number;
  osFrame?: number;
  /** Of all sources, since those that disagree count too; ascending. */
  frames: number[];
}

/**
 * The rule: sources that name the same platform support each other, 1 − ∏(1 − c). The platform with most
 * support wins, and what speaks for the next one is held against it: its support is multiplied by (1 − that).
 * Family and operating system are those of the winner's surest source that has one.
 */
export function combine(sources: Iterable<Placed>): Verdict | undefined {
  const doubt = new Map<Platform, number>();
  const surest = new Map<Platform, { family: Placed; os?: Placed }>();
  const frames = new Set<number>();
  for (const source of sources) {
    frames.add(source.frame);
    doubt.set(source.platform, (doubt.get(source.platform) ?? 1) * (1 - source.confidence));
    const best = surest.get(source.platform);
    if (best === undefined) {
      surest.set(source.platform, { family: source, os: source.os === undefined ? undefined : source });
      continue;
    }
    if (source.confidence > best.family.confidence) best.family = source;
    if (source.os !== undefined && source.confidence > (best.os?.confidence ?? 0)) best.os = source;
  }
  const ranked = [...doubt].sort((a, b) => a[1] - b[1]);
  if (ranked.length === 0) return undefined;
  const [platform, remaining] = ranked[0];
  const against = ranked.length > 1 ? 1 - ranked[1][1] : 0;
  const winner = surest.get(platform);
  if (winner === undefined) return undefined;
  const confidence = Math.round((1 - remaining) * (1 - against) * 1000) / 1000;
  const { family, frame: familyFrame } = winner.family;
  const verdict = { family, confidence, familyFrame, frames: [...frames].sort((a, b) => a - b) };
  return winner.os === undefined ? verdict : { ...verdict, os: winner.os.os, osFrame: winner.os.frame };
}
