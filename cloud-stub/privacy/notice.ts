import type { PrivacyClass } from '../../protocol/privacy.ts';
import { type CollectedNow, collectedNow } from './collected.ts';
import type { PrivacySettings } from './settings.ts';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char]);

const days = (count: number): string =>
  count === 0 ? 'not kept' : count < 1 ? `${Math.round(count * 24)} h` : `${count} days`;

function row({ what, product, purpose, personal, keptDays }: CollectedNow): string {
  const cells = [what, product, purpose, personal ? 'yes' : 'no', days(keptDays)];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

export interface NoticeOptions {
  organisation: string;
  classes: readonly PrivacyClass[];
  settings: PrivacySettings;
  hasPortal?: boolean;
  nowMs: number;
}

/** A notice of processing: a page without script, from the same table that says what is collected. */
export function noticePage({ organisation, classes, settings, hasPortal, nowMs }: NoticeOptions): string {
  const all = collectedNow(classes, settings, hasPortal);
  const name = escapeHtml(organisation);
  const head = '<tr><th>What</th><th>Product</th><th>What for</th><th>About a person</th><th>Kept</th></tr>';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notice of processing: ${name}</title>
</head>
<body>
<h1>What the network of ${name} collects</h1>
<p>As of ${new Date(nowMs).toISOString().slice(0, 10)}. ${name} decides what is collected and why (it is the controller);
the network cloud works for it alone (it is the processor), sells nothing and uses nothing for itself.</p>
<h2>Collected</h2>
<table>
${head}
${all
  .filter(({ collected }) => collected)
  .map(row)
  .join('\n')}
</table>
<h2>Not collected</h2>
<p>The content of what applications send, and which pages are visited, is never collected. Switched off here:</p>
<ul>
${all
  .filter(({ collected }) => !collected)
  .map(({ what }) => `<li>${escapeHtml(what)}</li>`)
  .join('\n')}
</ul>
<h2>Your rights</h2>
<p>You may have a copy of what is held about you, have it corrected, have it erased, and have its use restricted. Ask
${name}; naming your device’s MAC address, your user name, its host name, its IP address or your e-mail address is
enough. A device that uses random addresses is never linked to a person by them.</p>
</body>
</html>
`;
}
