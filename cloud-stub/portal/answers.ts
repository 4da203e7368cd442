import { labelOf, type Problem } from './page.ts';
import type { GuestField } from './settings.ts';
import { filled, type Words } from './words.ts';

const MOST_CHARACTERS = 200;
/** What mail servers deliver to, roughly (RFC 5321 4.5.3.1): whether it exists only a message can tell. */
const EMAIL = /^[^\s@<>"(),:;[\]\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\.[a-z]{2,63}$/i;

/** What the guest filled in, of the fields that were asked for and no other. */
export function readAnswers(
  form: URLSearchParams,
  fields: readonly GuestField[],
  words: Words,
): { answers: Record<string, string>; problems: Problem[] } {
  const answers: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const field of fields) {
    const label = labelOf(field, words);
    // Control characters have no business in a name, and some in a log.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const value = (form.get(field.name) ?? '').replaceAll(/[\u0000-\u001f\u007f]/g, ' ').trim();
    const wrong =
      value === ''
        ? field.required
          ? words.missing
          : null
        : value.length > MOST_CHARACTERS
          ? words.tooLong
          : field.name === 'email' && !EMAIL.test(value)
            ? words.notEmail
            : null;
    if (wrong !== null) problems.push({ field: field.name, text: filled(wrong, { field: label }) });
    if (value !== '') answers[field.name] = value.slice(0, MOST_CHARACTERS);
  }
  return { answers, problems };
}
