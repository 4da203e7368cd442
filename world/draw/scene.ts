/** Who is on a floor at a time, and what is wrong then, for a picture. */

import type { Track } from '../association/track.ts';
import type { Being } from '../beings/model.ts';
import type { Conditions } from '../happenings/conditions.ts';
import type { ShownClient, ShownTrouble } from './canvas.ts';

interface Present {
  beings: readonly Being[];
  trackOf(being: Being): Track;
}

export function clientsAt({ beings, trackOf }: Present, floor: string, tMs: number): ShownClient[] {
  return beings.flatMap((being) => {
    const track = trackOf(being);
    if (!track.presentAt(tMs)) return [];
    const { floor: on, x, y } = track.positionAt(tMs);
    return on === floor ? [{ kind: being.kind, x, y }] : [];
  });
}

/** One line for each thing that is wrong, with the devices and places that it concerns. */
export function troublesOf(c: Conditions): ShownTrouble[] {
  const troubles: ShownTrouble[] = [];
  const add = (text: string, devices: readonly string[] = [], at: ShownTrouble['at'] = []) => {
    troubles.push({ text, devices, at });
  };
  const list = (what: string, ids: readonly string[]) => {
    if (ids.length > 0) add(`${what}: ${ids.join(', ')}`, ids);
  };
  list('access points down', c.accessPointsDown);
  list('uplinks cut', c.uplinksDown);
  list('switches down', c.switchesDown);
  for (const { switch: device, port } of [...c.portsDown, ...c.cableFaults])
    add(`port ${device} ${port}`, [`${device} ${port}`]);
  for (const { accessPoint, band } of c.radiosDown)
    add(`radio off: ${accessPoint}, ${band} GHz`, [accessPoint]);
  for (const { accessPoint, band, channel } of c.channels)
    add(`radar: ${accessPoint}, ${band} GHz, moved to channel ${channel}`);
  for (const { at, band } of c.interference) add(`interference at ${band} GHz`, [], [at]);
  for (const { kind, ssid, at } of c.rogueAps)
    add(`${kind === 'rogue' ? 'rogue AP' : 'evil twin'}: ${ssid}`, [], [at]);
  for (const { bssid, at } of c.deauthFloods) add(`deauthentication flood as ${bssid}`, [], [at]);
  for (const { switch: device, ports } of c.loops) add(`loop at ${device}, ${ports.join(' and ')}`, [device]);
  for (const { switch: device, port, vlan } of c.vlans) add(`wrong VLAN ${vlan} at ${device} ${port}`);
  for (const { ipv4, mac } of c.duplicateIps) add(`${ipv4} is also claimed by ${mac}`);
  if (c.gatewaysGone.length > 0) add(`no gateway: VLAN ${c.gatewaysGone.join(', ')}`);
  const services = { DHCP: c.dhcp, RADIUS: c.radius, DNS: c.dns };
  for (const [name, { answer, delayMs }] of Object.entries(services)) {
    if (answer !== 'normal') add(`${name}: ${answer}`);
    else if (delayMs > 0) add(`${name}: ${delayMs} ms late`);
  }
  if (c.crowdFactor !== 1) add(`${c.crowdFactor} × as many visitors`);
  for (const { os, osVersion, effect } of c.osBugs) add(`${os} ${osVersion}: ${effect}`);
  return troubles;
}
