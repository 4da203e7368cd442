/** The portal's pages: HTML that works without script, every word of a customer or a guest escaped. */
import { escapeHtml as esc } from '../privacy/notice.ts';
import type { Guest } from './guests.ts';
import type { Portal } from './portals.ts';
import { type GuestField, PORTAL_LANGUAGES, type PortalLanguage } from './settings.ts';
import { filled, WORDS, type Words } from './words.ts';

export interface Problem {
  field: string;
  text: string;
}

export interface PageContext {
  portal: Portal;
  language: PortalLanguage;
  /** Proves that a form is ours: checked when it comes back. */
  token: string;
}

const NAMES: Record<PortalLanguage, string> = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español' };
const INPUTS: Record<string, { type: string; autocomplete: string }> = {
  name: { type: 'text', autocomplete: 'name' },
  email: { type: 'email', autocomplete: 'email' },
  company: { type: 'text', autocomplete: 'organization' },
  phone: { type: 'tel', autocomplete: 'tel' },
};
const WIFI =
  '<svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" aria-hidden="true"><path d="M2 8.8a15 15 0 0 1 20 0M5.5 12.6a10 10 0 0 1 13 0M9 16.4a5 5 0 0 1 6 0"/><circle cx="12" cy="20" r=".6"/></svg>';

export const labelOf = ({ name, label }: GuestField, words: Words): string =>
  label ??
  (name === 'name' || name === 'email' || name === 'company' || name === 'phone' ? words[name] : name);

const paragraphs = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .map((part) => `<p>${esc(part.trim()).replaceAll('\n', '<br>')}</p>`)
    .join('');

function clock(ms: number, language: PortalLanguage): string {
  const at = new Date(ms);
  const time = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return `<time datetime="${at.toISOString()}">${esc(time.format(at))} UTC</time>`;
}

interface Shell {
  title: string;
  network: string;
  language: PortalLanguage;
  siteId: string;
  body: string;
  /** Languages to choose among, on the page that has texts of the customer. */
  choices?: readonly PortalLanguage[];
}

function shell({ title, network, language, siteId, body, choices = [] }: Shell): string {
  const links = choices.map(
    (one) =>
      `<a href="?lang=${one}" hreflang="${one}" lang="${one}"${one === language ? ' aria-current="true"' : ''}>${NAMES[one]}</a>`,
  );
  const languages =
    choices.length > 1 ? `<nav aria-label="${esc(WORDS[language].language)}">${links.join('')}</nav>` : '';
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${esc(title)} – ${esc(network)}</title>
<link rel="stylesheet" href="/guest/${siteId}/style.css">
</head>
<body>
<main>
<header><p>${WIFI}${esc(network)}</p><h1>${esc(title)}</h1></header>
<div class="body">
${body}
</div>
</main>
${languages}
</body>
</html>
`;
}

const hidden = ({ token, language }: PageContext): string =>
  `<input type="hidden" name="token" value="${esc(token)}"><input type="hidden" name="lang" value="${language}">`;

function input(field: GuestField, words: Words, value: string, problem: Problem | undefined): string {
  const { type, autocomplete } = INPUTS[field.name] ?? { type: 'text', autocomplete: 'off' };
  const why = problem ? `<p class="why" id="why-${field.name}">${esc(problem.text)}</p>` : '';
  const invalid = problem ? ` aria-invalid="true" aria-describedby="why-${field.name}"` : '';
  const optional = field.required ? '' : ` <span>(${esc(words.optional)})</span>`;
  return `<div class="field"><label for="${field.name}">${esc(labelOf(field, words))}${optional}</label>
<input id="${field.name}" name="${field.name}" type="${type}" autocomplete="${autocomplete}" maxlength="200" value="${esc(value)}"${
    field.required ? ' required' : ''
  }${invalid}>${why}</div>`;
}

/** The notice, the fields, yes and no. */
export function welcomePage(
  context: PageContext,
  given: Readonly<Record<string, string>> = {},
  problems: readonly Problem[] = [],
): string {
  const { portal, language } = context;
  const words = WORDS[language];
  const text = portal.texts[language] ?? portal.texts[portal.defaultLanguage];
  const { siteId, network, fields } = portal;
  const list = problems.map(({ field, text: why }) =>
    field ? `<li><a href="#${field}">${esc(why)}</a></li>` : `<li>${esc(why)}</li>`,
  );
  const alert =
    problems.length === 0
      ? ''
      : `<div class="problems" role="alert" tabindex="-1"><h2>${esc(words.problems)}</h2><ul>${list.join('')}</ul></div>`;
  const terms = text?.terms
    ? `<details><summary>${esc(words.terms)}</summary>${paragraphs(text.terms)}</details>`
    : '';
  const inputs = fields.map((field) =>
    input(
      field,
      words,
      given[field.name] ?? '',
      problems.find((problem) => problem.field === field.name),
    ),
  );
  return shell({
    title: text?.title ?? network,
    network,
    language,
    siteId,
    choices: PORTAL_LANGUAGES.filter((one) => portal.texts[one]),
    body: `${alert}<section aria-labelledby="notice"><h2 id="notice">${esc(words.notice)}</h2>${paragraphs(text?.notice ?? '')}</section>
${terms}
<form method="post" action="/guest/${siteId}/accept" novalidate>
${hidden(context)}
${inputs.join('\n')}
<button type="submit">${esc(words.accept)}</button>
<button type="submit" class="plain" formaction="/guest/${siteId}/decline">${esc(words.decline)}</button>
</form>`,
  });
}

const form = (context: PageContext, action: string, label: string, kind: string): string =>
  `<form method="post" action="/guest/${context.portal.siteId}/${action}">${hidden(context)}<button type="submit" class="${kind}">${esc(label)}</button></form>`;

/** Who is connected: until when, and what is kept. */
export function statusPage(context: PageContext, guest: Guest): string {
  const { portal, language } = context;
  const words = WORDS[language];
  const { siteId, network, canExtend, fields } = portal;
  const { mac, ip4 = [], ip6 = [], userName, email, answers, consent, expiresMs } = guest;
  const macText =
    mac &&
    Buffer.from(mac)
      .toString('hex')
      .replace(/(..)(?=.)/g, '$1:');
  const given: Record<string, string | undefined> = { ...answers, name: userName, email };
  const held: [string, string][] = [
    ['MAC', macText ?? ''],
    ['IP', [...ip4, ...ip6].join(', ')],
    ...fields.map((field): [string, string] => [labelOf(field, words), given[field.name] ?? '']),
  ];
  const rows = held
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `<dt>${esc(label)}</dt><dd>${esc(value)}</dd>`);
  return shell({
    title: words.online,
    network,
    language,
    siteId,
    body: `<p role="status">${filled(esc(words.onlineUntil), { time: clock(expiresMs, language) })}</p>
${canExtend ? form(context, 'extend', words.extend, 'plain') : ''}
${form(context, 'sign-out', words.signOut, 'plain')}
<section aria-labelledby="data"><h2 id="data">${esc(words.yourData)}</h2>
<dl>${rows.join('')}<dt>${esc(words.consented)}</dt><dd>${clock(consent.atMs, language)}, ${consent.language}, v${consent.textVersion}</dd></dl>
<p>${esc(words.yourDataMore)}</p></section>
${form(context, 'erase', words.erase, 'danger')}`,
  });
}

/** A heading, a sentence and a way back. */
function message(context: PageContext, title: string, body: string): string {
  const { portal, language } = context;
  const { siteId, network } = portal;
  const back = `<a class="button plain" href="/guest/${siteId}?lang=${language}">${esc(WORDS[language].back)}</a>`;
  return shell({ title, network, language, siteId, body: `<p role="status">${body}</p>${back}` });
}

export const declinedPage = (context: PageContext): string => {
  const words = WORDS[context.language];
  return message(context, words.declined, esc(words.declinedMore));
};

export function erasedPage(context: PageContext, removed: { records: number; messages: number }): string {
  const words = WORDS[context.language];
  return message(context, words.erased, filled(esc(words.erasedMore), removed));
}

export function refusedPage(context: PageContext, why: 'sessions' | 'full', againMs: number | null): string {
  const { language, portal } = context;
  const words = WORDS[language];
  const again = againMs === null ? '' : ` ${filled(esc(words.again), { time: clock(againMs, language) })}`;
  return message(context, portal.network, `${esc(why === 'full' ? words.full : words.tooMany)}${again}`);
}

/** Where there is no portal to speak for. */
export const nowherePage = (language: PortalLanguage): string => {
  const words = WORDS[language];
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${esc(words.notHere)}</title></head>
<body><main><h1>${esc(words.notHere)}</h1><p>${esc(words.notHereMore)}</p></main></body></html>
`;
};
