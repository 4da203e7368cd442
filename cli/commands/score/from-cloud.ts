/** What a running cloud stub has concluded, by its API. Locations and causes it does not conclude. */
import { CONCLUSIONS_FORMAT, type Conclusions } from '../../../world/truth/conclusions.ts';
import type { CloudApi } from '../../cloud-api.ts';

interface Host {
  mac: string;
  serial: string;
  port?: string;
  hostName?: string;
  userName?: string;
  ip4?: string[];
}

interface ClientRecord extends Host {
  ssid?: string;
  bssid?: string;
  state: string;
  lastSeenMs: number;
}

interface NeighbourRecord {
  serial: string;
  port: string;
  sourceMac: string;
  chassisId: string;
  portId: string;
  capabilities?: number;
}

interface Sites {
  id: string;
  name: string;
}

const PAGE = 1000;
/** Capabilities bridge and access point (IEEE 802.1AB 8.5.8). */
const FORWARDS = 0x0c;
const WAY_OUT = 'uplink';

/** All pages of a list. */
async function all<T>(api: CloudApi, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; ; page++) {
    const some = await api.json<T[]>(`${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}&page=${page}`);
    items.push(...some);
    if (some.length < PAGE) return items;
  }
}

/** Ids of organisation and sites: the site that is named, or all. */
async function placesOf(api: CloudApi, flags: { org?: string; site?: string }) {
  const org = await api.organisation(flags.org);
  const sites = await all<Sites>(api, `/api/v1/orgs/${org}/sites`);
  const { site } = flags;
  return { org, sites: sites.filter(({ id, name }) => site === undefined || id === site || name === site) };
}

/** `devices`: serial of the cloud, and what the world calls that device. */
export async function concludedBy(
  api: CloudApi,
  { devices, ...flags }: { org?: string; site?: string; devices: Readonly<Record<string, string>> },
): Promise<Conclusions> {
  const { org, sites } = await placesOf(api, flags);
  const lists = <T>(kind: string): Promise<T[]> =>
    Promise.all(sites.map(({ id }) => all<T>(api, `/api/airherd/v1/sites/${id}/${kind}`))).then((found) =>
      found.flat(),
    );
  const [wireless, wired, neighbours, messages] = await Promise.all([
    lists<ClientRecord>('clients'),
    lists<Host>('wired'),
    lists<NeighbourRecord>('neighbours'),
    all<{ clients?: ClientRecord[] }>(api, `/api/airherd/v1/orgs/${org}/messages?stream=clients`),
  ]);
  const told = messages.flatMap(({ clients = [] }) => clients);
  // What is behind a bridge, an access point or the way out is somewhere else.
  const trunks = new Set(
    neighbours
      .filter(({ capabilities = 0 }) => (capabilities & FORWARDS) !== 0)
      .map(({ serial, port }) => `${serial} ${port}`),
  );
  return {
    format: CONCLUSIONS_FORMAT,
    devices: { ...devices },
    clients: [...mergeClients(wireless), ...hostsOf(wired, trunks)],
    topology: neighbours.map(({ serial, port, chassisId }) => ({
      device: serial,
      port,
      neighbour: chassisId,
    })),
    roams: roamsOf(told),
  };
}

type Client = NonNullable<Conclusions['clients']>[number];

/** One client of all that devices say about its address: the last word, and whatever only one of them knows. */
function mergeClients(records: readonly ClientRecord[]): Client[] {
  const byMac = new Map<string, Client>();
  const connected = records.filter(({ state }) => state === 'associated' || state === 'left');
  for (const { mac, hostName, userName, ip4, ssid, bssid } of connected.toSorted(
    (a, b) => a.lastSeenMs - b.lastSeenMs,
  )) {
    const known = byMac.get(mac);
    byMac.set(mac, {
      mac,
      hostName: hostName ?? known?.hostName,
      userName: userName ?? known?.userName,
      ipv4: [...new Set([...(known?.ipv4 ?? []), ...(ip4 ?? [])])],
      ssid: ssid ?? known?.ssid,
      device: bssid ?? known?.device,
    });
  }
  return [...byMac.values()];
}

/** Hosts on cables, each on a port of its own. */
function hostsOf(wired: readonly Host[], trunks: ReadonlySet<string>): Client[] {
  return wired
    .filter(({ serial, port }) => port !== undefined && port !== WAY_OUT && !trunks.has(`${serial} ${port}`))
    .map(({ mac, serial, hostName, userName, ip4 }) => ({
      mac,
      hostName,
      userName,
      ipv4: ip4,
      device: serial,
    }));
}

/** Where the address of a client's access point changes from one report to the next. */
function roamsOf(reports: readonly ClientRecord[]): NonNullable<Conclusions['roams']> {
  const roams: NonNullable<Conclusions['roams']> = [];
  const at = new Map<string, string>();
  for (const { mac, bssid, state, lastSeenMs } of reports.toSorted((a, b) => a.lastSeenMs - b.lastSeenMs)) {
    if (state !== 'associated' || bssid === undefined) continue;
    const from = at.get(mac);
    at.set(mac, bssid);
    if (from !== undefined && from !== bssid) roams.push({ mac, from, to: bssid, timeMs: lastSeenMs });
  }
  return roams;
}
