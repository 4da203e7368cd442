/** What is said between a connected station and its access point about where else it could be. */
import type { RadioOf } from '../../association/acts.ts';
import type { Being, WifiTraits } from '../../beings/model.ts';
import {
  neighbourReportRequest,
  neighbourReportResponse,
  transitionRequest,
  transitionResponse,
} from '../../frames/ieee80211-action.ts';
import type { Bss } from '../../frames/ieee80211-management.ts';
import { probeRequest, probeResponse } from '../../frames/ieee80211-management.ts';
import type { Draws } from '../../random.ts';
import type { Station } from '../attachment.ts';
import { MS } from '../chance.ts';
import type { Script } from '../emission.ts';
import type { Cell, SiteNetwork } from '../network.ts';
import { channelsOf, VENDOR } from './scan.ts';

export interface Helped {
  being: Being;
  traits: WifiTraits;
  station: Station;
  network: SiteNetwork;
  draws: Draws;
  cell: Cell;
}

const cellsOf = ({ network, cell }: Helped, radios: readonly RadioOf[]): Cell[] =>
  radios
    .map(({ accessPoint, band }) => network.cell(accessPoint, band, cell.ssid.name))
    .filter((one) => one !== undefined);

const bssOf = (of: Helped, radios: readonly RadioOf[], timeUs: number): Bss[] =>
  cellsOf(of, radios).map((one) => of.network.bssAt(one, timeUs));

/** Action frames of a WPA3 network are protected (12.2.6), and left out here. */
const isInClear = ({ cell }: Helped): boolean => cell.ssid.security !== 'wpa3-sae';

export function* report(of: Helped, neighbours: readonly RadioOf[], timeUs: number): Script {
  if (!isInClear(of)) return timeUs;
  const { station, cell, draws } = of;
  const bss = of.network.bssAt(cell, timeUs);
  const token = draws.integer(1, 255);
  yield station.up(timeUs, neighbourReportRequest(bss, station.mac, token));
  const answerUs = timeUs + draws.integer(2, 8) * MS;
  const told = bssOf(of, neighbours, answerUs);
  yield station.down(answerUs, neighbourReportResponse(bss, station.mac, token, told));
  return answerUs;
}

export function* advise(
  of: Helped,
  { candidates, accepted }: { candidates: readonly RadioOf[]; accepted: boolean },
  timeUs: number,
): Script {
  if (!isInClear(of)) return timeUs;
  const { station, cell, draws } = of;
  const bss = of.network.bssAt(cell, timeUs);
  const token = draws.integer(1, 255);
  const listed = bssOf(of, candidates, timeUs);
  yield station.down(timeUs, transitionRequest(bss, station.mac, token, listed));
  const answerUs = timeUs + draws.integer(3, 15) * MS;
  const target = accepted ? (listed[0]?.bssid ?? null) : null;
  yield station.up(answerUs, transitionResponse(bss, station.mac, token, target));
  return answerUs;
}

/** Probes a channel of each radio that it was told of, or of all that it knows; those who hear answer. */
export function* search(of: Helped, on: readonly RadioOf[] | null, startUs: number): Script {
  const { being, traits, station, network, cell, draws } = of;
  const told = on === null ? [] : cellsOf(of, on);
  const channels = on === null ? channelsOf(traits.bands) : told.map((one) => network.bssAt(one, startUs));
  let timeUs = startUs;
  for (const { band, channel } of channels) {
    const vendor = VENDOR[being.manufacturer] ?? [];
    yield station.transmit(timeUs, probeRequest(station.mac, cell.ssid.name, band, channel, vendor), {
      band,
      channel,
    });
    const answers = told.filter((one) => {
      const bss = network.bssAt(one, timeUs);
      return bss.band === band && bss.channel === channel;
    });
    for (const answer of answers.slice(0, 1)) {
      const answerUs = timeUs + draws.integer(1, 4) * MS;
      const bss = network.bssAt(answer, answerUs);
      station.cell = answer;
      yield station.down(answerUs, probeResponse(bss, station.mac, answerUs));
      station.cell = cell;
    }
    timeUs += 12 * MS;
  }
  return timeUs;
}
