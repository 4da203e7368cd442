import type { Agent, AgentConfig } from '../../../agent/index.ts';
import type { Identity } from '../../../certs/identity.ts';
import { type StatusPage, serveStatusPage } from '../../../platform/node/status-page.ts';
import { AirherdError } from '../../../protocol/errors.ts';

/** A switch's local page where it is configured; an AP never listens. */
export async function statusPageOf(
  identity: Identity,
  config: AgentConfig,
  device: Agent,
  ports: ReadonlyMap<string, string>,
): Promise<StatusPage | null> {
  if (!config.status) return null;
  if (identity.kind !== 'switch') {
    throw new AirherdError('config-invalid', { source: 'status', detail: 'only a switch has a status page' });
  }
  const { listen, user, passwordHash } = config.status;
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return serveStatusPage({
    host,
    port: Number(listen.slice(colon + 1)),
    user,
    passwordHash,
    html: () => statusHtml(identity, device, ports),
  });
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const row = (...cells: (string | number)[]): string =>
  `<tr>${cells.map((cell) => `<td>${escaped(String(cell))}</td>`).join('')}</tr>`;

/** The device's own health and its ports; nothing about anybody who is connected. */
export function statusHtml(
  { serial, model, mac }: Pick<Identity, 'serial' | 'model' | 'mac'>,
  device: Pick<Agent, 'state' | 'outbox' | 'ledger'>,
  ports: ReadonlyMap<string, string>,
): string {
  const ledger = device.ledger().filter(({ produced }) => produced > 0);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(serial)}</title>
<style>body{font:14px sans-serif;margin:2em}td{padding:2px 12px 2px 0}</style>
<h1>${escaped(model)} ${escaped(serial)}</h1>
<table>${row('MAC', mac)}${row('Cloud', device.state)}${row('Waiting to be stored', device.outbox.pending)}</table>
<h2>Ports</h2><table>${[...ports].map(([name, state]) => row(name, state)).join('')}</table>
<h2>Messages</h2><table>${row('stream', 'produced', 'stored', 'waiting', 'dropped')}${ledger
    .map((entry) => row(entry.stream, entry.produced, entry.acknowledged, entry.pending, entry.dropped))
    .join('')}</table></html>
`;
}
