/** Control characters (escape sequences with them), line separators, and bidirectional overrides. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Hostile text cannot move the cursor, clear the screen or turn the line round. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd');
