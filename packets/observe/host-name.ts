import type { Evidence } from './evidence.ts';

/** Names that systems give themselves until a person chooses one. */
const RULES: readonly (readonly [RegExp, Evidence])[] = [
  [
    /^(DESKTOP|LAPTOP)-[0-9A-Z]{7}$/,
    { platform: 'windows', family: 'Windows PC', os: 'Windows 10/11', confidence: 0.6 },
  ],
  [/^WIN-[0-9A-Z]{11}$/, { platform: 'windows', family: 'Windows PC', os: 'Windows', confidence: 0.5 }],
  [/iphone/i, { platform: 'apple', family: 'iPhone', os: 'iOS', confidence: 0.6 }],
  [/\bipad\b|^ipad|-ipad/i, { platform: 'apple', family: 'iPad', os: 'iPadOS', confidence: 0.6 }],
  [
    /macbook|^imac|-imac|mac-?mini|mac-?studio/i,
    { platform: 'apple', family: 'Mac', os: 'macOS', confidence: 0.6 },
  ],
  [/^apple-?tv/i, { platform: 'apple', family: 'Apple TV', os: 'tvOS', confidence: 0.5 }],
  [/^android[-_]/i, { platform: 'android', family: 'Android device', os: 'Android', confidence: 0.6 }],
  [
    /^(galaxy|pixel|oneplus|redmi|xiaomi)[-_ ]/i,
    { platform: 'android', family: 'Android device', os: 'Android', confidence: 0.5 },
  ],
  [
    /^(raspberrypi|ubuntu|debian|fedora|localhost)$/i,
    { platform: 'linux', family: 'Linux device', os: 'Linux', confidence: 0.4 },
  ],
  [
    /^ESP[-_][0-9A-F]{6}$/i,
    { platform: 'device', family: 'IoT device', os: 'ESP firmware', confidence: 0.7 },
  ],
  [/^NPI[0-9A-F]{6}$/, { platform: 'device', family: 'Printer', confidence: 0.8 }],
  [/^BR[NW][0-9A-F]{12}$/, { platform: 'device', family: 'Printer', confidence: 0.8 }],
  [/^SEP[0-9A-F]{12}$/i, { platform: 'device', family: 'IP phone', confidence: 0.8 }],
];

/** Weak by itself: anyone may call anything anything. */
export function evidenceOfHostName(name: string): Evidence | undefined {
  const searched = name.slice(0, 64);
  return RULES.find(([pattern]) => pattern.test(searched))?.[1];
}
