/** Why a client is not on the network, by the captures that access points shipped around failures of 802.1X. */
const VERDICTS = {
  // The server said no: somebody mistyped, or is not to be let in.
  'dot1x-failure': { admit: false, page: false, why: 'rejected' },
  // The server said nothing: nobody gets in until it is back.
  'dot1x-timeout': { admit: false, page: true, why: 'RADIUS does not answer' },
};

/** @param {readonly {trigger: string, client?: string}[]} captures newest first, as the cloud lists them */
export function verdictOn(mac, captures) {
  const client = mac.replaceAll(':', '');
  const found = captures.find((capture) => capture.client === client && capture.trigger in VERDICTS);
  return found ? VERDICTS[found.trigger] : { admit: true, page: false, why: 'nothing is known against it' };
}
