import { nullData } from '../../world/frames/ieee80211.ts';
import {
  associationRequest,
  associationResponse,
  type Bss,
} from '../../world/frames/ieee80211-management.ts';
import { macBytes } from '../../world/frames/octets.ts';
import { radiotap } from '../../world/frames/radiotap.ts';
import { hash4, normal, uniform } from '../../world/random.ts';
import type { TimedFrames } from './timed-source.ts';

const LINKTYPE_RADIOTAP = 127;
/** Associated at once, on average of a day and a building: small, so that memory is the devices' own. */
const CLIENTS = 4;
const FRAMES_OF_EACH = 3;
const CHANNELS = [36, 40, 44, 48, 149, 153, 157, 161];
const SSID = 'campus';
/** 24 Mb/s, in units of 500 kb/s. */
const RATE = 48;
const NOISE_DBM = -95;
/** Of one client at one place, IEEE 802.11-14/0980r16: some decibels. */
const FADING_DB = 3;

export interface AccessPointAirOptions {
  mac: string;
  seed: number;
  /** Decides who its clients are, after so many waves of roaming. */
  clientsSeed(waves: number): number;
}

/** A radio with a few associated clients, each at a place of its own, heard with fading. */
export function accessPointAir({ mac, seed, clientsSeed }: AccessPointAirOptions): TimedFrames {
  const bssid = macBytes(mac);
  bssid[5] |= 1;
  const channel = CHANNELS[hash4(seed, 1, 0, 0, 0) % CHANNELS.length];
  const frequencyMhz = 5000 + 5 * channel;
  const bss: Bss = { bssid, ssid: SSID, security: 'open', band: '5', channel };
  const station = (clients: number, client: number): Uint8Array => {
    const bits = hash4(clients, 2, client, 0, 0);
    // Locally administered, as phones that randomise their address have it.
    return Uint8Array.of(0x02, client, bits >>> 24, (bits >>> 16) & 0xff, (bits >>> 8) & 0xff, bits & 0xff);
  };
  let waves = 0;
  let arrived = 0;
  /** They leave one access point for the other without a word, and say so to the new one. */
  function* arrivals(): Generator<[client: number, frame: Uint8Array]> {
    if (arrived === waves) return;
    arrived = waves;
    const clients = clientsSeed(waves);
    const from = Uint8Array.of(0x02, 0xff, ...new Uint8Array(Uint32Array.of(clients).buffer));
    for (let client = 0; client < CLIENTS; client++) {
      const mac = station(clients, client);
      yield [client, associationRequest(bss, mac, from)];
      const answer = { status: 0, associationId: client + 1, reassociation: true };
      yield [client, associationResponse(bss, mac, answer)];
    }
  }
  function* keepAlives(): Generator<[client: number, frame: Uint8Array]> {
    const clients = clientsSeed(waves);
    for (let client = 0; client < CLIENTS; client++) {
      for (let i = 0; i < FRAMES_OF_EACH; i++) {
        yield [client, nullData(bssid, station(clients, client), i === FRAMES_OF_EACH - 1)];
      }
    }
  }
  return {
    linkType: LINKTYPE_RADIOTAP,
    interfaceName: 'wlan0',
    roam() {
      waves++;
    },
    frames(turn) {
      let heard = 0;
      return [...arrivals(), ...keepAlives()].map(([client, frame]) => {
        const placeDbm = -45 - uniform(hash4(seed, 3, client, 0, 0)) * 35;
        const fadingDb = normal(hash4(seed, 4, client, turn, heard++)) * FADING_DB;
        const signalDbm = Math.round(Math.max(-92, Math.min(-20, placeDbm + fadingDb)));
        return radiotap(
          frame,
          { tsftUs: turn, frequencyMhz, rate: RATE, signalDbm, noiseDbm: NOISE_DBM },
          false,
        );
      });
    },
  };
}
