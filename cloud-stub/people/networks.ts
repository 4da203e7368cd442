import ipaddr from 'ipaddr.js';

/** Whether `text` is an address or a network in CIDR notation. */
export const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** Whether the address lies in one of the networks; none at all means no restriction. */
export function isFrom(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  if (!ipaddr.isValid(address)) return false;
  const from = ipaddr.process(address);
  return networks.some((network) => {
    const [base, bits] = ipaddr.isValidCIDR(network)
      ? ipaddr.parseCIDR(network)
      : [ipaddr.process(network), Number.NaN];
    if (base.kind() !== from.kind()) return false;
    return Number.isNaN(bits) ? base.toString() === from.toString() : from.match([base, bits]);
  });
}
