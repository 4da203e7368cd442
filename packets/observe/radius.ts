import type { Dissection } from '../dissection.ts';
import { RadiusAttribute, radiusText } from '../layers/radius.ts';
import type { HostTable } from './host-table.ts';

const ACCESS_REQUEST = 1;
const ACCOUNTING_REQUEST = 4;
const MAC_DIGITS = 12;

const station = new Uint8Array(MAC_DIGITS / 2);

/**
 * User name of the station that a network access server asks about: Calling-Station-Id is its MAC address in
 * one of several spellings (RFC 3580 3.21). Stations that were never heard are left alone.
 */
export function observeRadius(hosts: HostTable, d: Dissection, i: number, frame: number): void {
  const b = d.frame;
  const start = d.start[i];
  const end = d.end[i];
  if (b[start] !== ACCESS_REQUEST && b[start] !== ACCOUNTING_REQUEST) return;
  const digits = radiusText(b, start, end, RadiusAttribute.callingStationId)?.replace(/[-:.]/g, '') ?? '';
  if (digits.length !== MAC_DIGITS || /[^0-9a-f]/i.test(digits)) return;
  for (let k = 0; k < station.length; k++) station[k] = Number.parseInt(digits.slice(2 * k, 2 * k + 2), 16);
  const userName = radiusText(b, start, end, RadiusAttribute.userName);
  if (userName !== null) hosts.known(station, 0)?.setUserName(userName, frame);
}
