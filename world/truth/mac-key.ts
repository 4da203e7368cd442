/** One way to write an address, however it was written: `aabbccddeeff`. */
export const macKey = (mac: string): string => mac.toLowerCase().replace(/[^0-9a-f]/g, '');
