/** Registered name of the holder of a MAC address block, or undefined where there is none. */
export type ManufacturerOf = (mac: string) => string | undefined;

/** Blocks of this holder are sold on in smaller ones; where the smaller one is unknown, so is the maker. */
const REGISTRY = 'IEEE Registration Authority';

/** Bit 1 of the first byte: locally administered (IEEE 802-2014 8.4), so no registry knows the address. */
export const isLocallyAdministered = (firstByte: number): boolean => (firstByte & 0x02) !== 0;

/**
 * Loads the IEEE registries (MA-L, MA-M, MA-S; package oui-data), about 100 ms and 20 MB once per process, so
 * ask for it where manufacturers are shown. The answer is immediate afterwards.
 */
export async function loadManufacturers(): Promise<ManufacturerOf> {
  const { default: blocks } = await import('oui-data', { with: { type: 'json' } });
  return manufacturerLookup(blocks);
}

/** @param blocks by 6, 7 or 9 upper-case hexadecimal digits: name, then address lines. */
export function manufacturerLookup(blocks: Readonly<Record<string, string>>): ManufacturerOf {
  return manufacturerOfHolders((prefix) => blocks[prefix]);
}

/**
 * @param holderOf name and address lines of a block's holder, by 6, 7 or 9 upper-case hexadecimal digits;
 *   undefined where there is no such block
 */
export function manufacturerOfHolders(holderOf: (prefix: string) => string | undefined): ManufacturerOf {
  /** By six digits; few different ones are asked for, many times. */
  const large = new Map<string, string | undefined>();
  return (mac) => {
    const digits = mac.replaceAll(':', '').toUpperCase();
    if (digits.length !== 12 || isLocallyAdministered(Number.parseInt(digits.slice(0, 2), 16)))
      return undefined;
    const prefix = digits.slice(0, 6);
    let name = large.get(prefix);
    if (name === undefined && !large.has(prefix)) {
      name = firstLine(holderOf(prefix));
      if (large.size === MOST_REMEMBERED) large.clear();
      large.set(prefix, name);
    }
    // MA-M and MA-S blocks are parts of what the registry assigned to itself, and of nothing else.
    if (name === undefined || name === REGISTRY) {
      name = firstLine(holderOf(digits.slice(0, 9)) ?? holderOf(digits.slice(0, 7))) ?? name;
    }
    return name === REGISTRY || name === 'Private' ? undefined : name;
  };
}

const MOST_REMEMBERED = 4096;

function firstLine(holder: string | undefined): string | undefined {
  const lineEnd = holder?.indexOf('\n') ?? -1;
  return lineEnd < 0 ? holder : holder?.slice(0, lineEnd);
}
