import type { AgentEvent } from '../../../agent/index.ts';

/**
 * One line for each step of the protocol. What secrets there are (passwords, proofs, keys) is not in the events
 * at all; `…` marks where they went.
 */
export function traceLine(event: AgentEvent): string | null {
  switch (event.type) {
    case 'state':
      return `  ${event.previous} → ${event.state}`;
    case 'step':
      return stepLine(event.step, event.detail);
    case 'welcome': {
      const { claimed, window, maxPacket, privacyClasses, redirect } = event.welcome;
      const to = redirect === undefined ? '' : ` redirect=${redirect}`;
      return `← welcome claimed=${claimed} window=${window} maxPacket=${maxPacket} classes=${privacyClasses.join(',')}${to}`;
    }
    case 'config':
      return `← config version=${event.config.version} classes=${event.config.privacyClasses.join(',')}`;
    case 'sent':
      return `→ PUBLISH ${event.stream} seq=${event.seq} ${event.bytes} bytes`;
    case 'produced':
    case 'acknowledged':
      return null;
    case 'failure':
      return `! ${event.error.code}: ${event.error.message}; next attempt in ${Math.round(event.retryInMs / 1000)} s`;
    case 'source':
      return `  source ${event.name}: ${event.state}${event.error ? ` (${event.error.message})` : ''}`;
    case 'command':
      return `← command ${event.name}`;
    case 'configuration': {
      const why = event.problems.length > 0 ? `: ${event.problems.join('; ')}` : '';
      return `  configuration ${event.version} ${event.state}${why}`;
    }
    case 'upgrade':
      return `  ${upgradeLine(event)}`;
    case 'disk-fault':
      return `! outbox: ${event.detail}`;
    case 'refused':
      return `! ${event.topic}: a message that the cloud did not make (${event.why}), dropped`;
    case 'renewed':
      return `  certificate renewed until ${new Date(event.notAfterMs).toISOString()}`;
    case 'key-rotated':
      return `  factory key rotated; generation ${event.generation}`;
  }
}

/** What happens to an upgrade, in one line; failures are the text of the error. */
export function upgradeLine({
  phase,
  version,
  percent,
  code,
  detail,
}: Extract<AgentEvent, { type: 'upgrade' }>): string {
  if (code !== undefined) return `${code}: ${detail ?? phase}`;
  return `firmware ${version}: ${phase}${phase === 'downloading' ? ` ${percent} %` : ''}`;
}

function stepLine(step: string, detail: Record<string, string | number | boolean>): string {
  switch (step) {
    case 'dialing':
      return `→ TCP and TLS to ${detail.host}:${detail.port}`;
    case 'connecting':
      return `  ${detail.tls} ${detail.cipher}, certificate ${detail.certificate}\n→ CONNECT with factory-key proof (nonce …, HMAC …)`;
    case 'subscribing':
      return '← CONNACK 0\n→ SUBSCRIBE rx/#';
    case 'proving':
      return '← SUBACK';
    default:
      return '← auth (nonce …, HMAC …): the cloud knows the factory key';
  }
}
