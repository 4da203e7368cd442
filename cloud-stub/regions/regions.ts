/** Where an organisation's data lives: each region is a folder, a set of keys and listeners of its own. */
export const REGIONS = ['global', 'eu'] as const;
export type RegionName = (typeof REGIONS)[number];

export const isRegion = (name: string): name is RegionName => REGIONS.some((region) => region === name);

/** Member states, ISO 3166-1 alpha-2 (Greece is GR there, EL in the Union's own texts: both are taken). */
const EU_COUNTRIES: readonly string[] =
  'AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');

export const isCountry = (code: string): boolean => /^[A-Z]{2}$/.test(code);

/** The region in which an organisation with an address there must be; null where it may choose. */
export const regionRequired = (country: string | null): RegionName | null =>
  country !== null && EU_COUNTRIES.includes(country) ? 'eu' : null;

/** Why it is hosted where it is. */
export function hostingReason(country: string | null): string {
  if (regionRequired(country) !== null) return `its address is in the EU (${country})`;
  return country === null ? 'chosen: it gave no address' : `chosen: its address is in ${country}`;
}
