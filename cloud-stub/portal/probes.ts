/** What phones and computers ask to find out whether they are behind a portal, and what they want to hear then. */
interface Probe {
  path: RegExp;
  status: number;
  type: string;
  body: string;
}

const APPLE = '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>';

/** By path: the host names are many, and change. */
const PROBES: readonly Probe[] = [
  // Android, ChromeOS.
  { path: /^\/(generate_204|gen_204)$/, status: 204, type: 'text/plain', body: '' },
  // iOS, macOS.
  {
    path: /^\/(hotspot-detect\.html|library\/test\/success\.html)$/,
    status: 200,
    type: 'text/html',
    body: APPLE,
  },
  // Windows 10 and newer; Windows 7 and 8.
  { path: /^\/connecttest\.txt$/, status: 200, type: 'text/plain', body: 'Microsoft Connect Test' },
  { path: /^\/ncsi\.txt$/, status: 200, type: 'text/plain', body: 'Microsoft NCSI' },
  // Firefox.
  { path: /^\/success\.txt$/, status: 200, type: 'text/plain', body: 'success\n' },
  {
    path: /^\/canonical\.html$/,
    status: 200,
    type: 'text/html',
    body: '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
  },
  // NetworkManager.
  {
    path: /^\/check_network_status\.txt$/,
    status: 200,
    type: 'text/plain',
    body: 'NetworkManager is online\n',
  },
];

/** The answer of the open Internet; null for what is no probe. */
export const probeFor = (path: string): Probe | null => PROBES.find((probe) => probe.path.test(path)) ?? null;
