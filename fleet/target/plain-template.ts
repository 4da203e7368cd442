/** Topic on which a device publishes to a back end with rules of its own. */
export const DEFAULT_PLAIN_TOPICS = 'ap/v1/{serial}/tx/{stream}';

const PLACEHOLDERS = ['{serial}', '{stream}', '{mac}', '{kind}', '{model}'];
const MAX_BYTES = 160;

/** What is wrong with a template; null when nothing is. */
export function plainTemplateProblem(template: string): string | null {
  if (template.length > MAX_BYTES) return `must have at most ${MAX_BYTES} characters`;
  if (!template.includes('{serial}') && !template.includes('{mac}')) {
    return 'must have {serial} or {mac}, so that devices can be told apart';
  }
  const rest = PLACEHOLDERS.reduce((text, placeholder) => text.replaceAll(placeholder, 'x'), template);
  if (!/^[\w./:@=$-]+$/.test(rest) || rest.startsWith('/') || rest.endsWith('/') || rest.includes('//')) {
    return 'levels are letters, digits and _ . : @ = $ -, or {serial} {stream} {mac} {kind} {model}';
  }
  return null;
}

export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
