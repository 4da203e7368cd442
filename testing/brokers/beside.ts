/** The cloud as a client of a broker on loopback. */
import type { Authority } from '../../certs/authority.ts';
import { issueBrokerClient } from '../../certs/broker-client.ts';
import type { BesideOptions } from '../../cloud-stub/beside/ingest-beside.ts';
import { nodeDialer } from '../../platform/node/dial.ts';

const NAME = 'AHINGEST';
const LIFE_DAYS = 30;

export const beside = (authority: Authority, port: number, nowMs: number): BesideOptions => ({
  address: { host: '127.0.0.1', port, serverName: '127.0.0.1' },
  credentials: issueBrokerClient(authority, NAME, nowMs, LIFE_DAYS),
  trustPem: [authority.rootPem],
  minVersion: 'TLSv1.3',
  alpn: [],
  clientId: NAME,
  dialer: nodeDialer,
});
