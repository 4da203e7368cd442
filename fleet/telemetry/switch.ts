import { arpRequest } from '../../world/frames/arp.ts';
import { LldpCapability, lldp } from '../../world/frames/lldp.ts';
import { macBytes } from '../../world/frames/octets.ts';
import { hash4 } from '../../world/random.ts';
import type { TimedFrames } from './timed-source.ts';

const LINKTYPE_ETHERNET = 1;
const HOSTS = 4;
/** Neighbours announce themselves every 30 s (IEEE 802.1AB-2016 9.2.5.7), a third as often as hosts are heard. */
const LLDP_TURNS = 3;
const LLDP_TTL_S = 120;

/** The uplink port of a switch: hosts that ask for their gateway, and a neighbour that announces itself. */
export function switchPort(mac: string, seed: number): TimedFrames {
  const address = (host: number): Uint8Array => {
    const bits = hash4(seed, 5, host, 0, 0);
    return Uint8Array.of(
      0x02,
      0x10 + host,
      bits >>> 24,
      (bits >>> 16) & 0xff,
      (bits >>> 8) & 0xff,
      bits & 0xff,
    );
  };
  const neighbour = macBytes(mac);
  neighbour[5] |= 0x0f;
  return {
    linkType: LINKTYPE_ETHERNET,
    interfaceName: 'ge-0/0/0',
    frames(turn) {
      const frames = Array.from({ length: HOSTS }, (_, host) =>
        arpRequest(
          { mac: address(host), ipv4: Uint8Array.of(10, 0, seed & 0xff, 10 + host) },
          Uint8Array.of(10, 0, seed & 0xff, 1),
        ),
      );
      if (turn % LLDP_TURNS === 0) {
        frames.push(
          lldp({
            portMac: neighbour,
            chassisMac: neighbour,
            portName: 'ge-0/0/47',
            portDescription: 'to the access layer',
            systemName: `distribution-${seed % 64}`,
            systemDescription: 'airherd virtual distribution switch',
            capabilities: LldpCapability.bridge,
            managementIpv4: '10.0.0.2',
            ttlS: LLDP_TTL_S,
            portVlan: 1,
            mauType: 30,
            maxFrame: 1522,
            power: null,
            med: null,
          }),
        );
      }
      return frames;
    },
  };
}
