/** Reads NameConstraints (RFC 5280 4.2.1.10) and judges names by them: directory, DNS and IP names. */
import ipaddr from 'ipaddr.js';
import { readElements, readWhole } from './asn1/read.ts';
import { TAG } from './asn1/write.ts';
import { type NameAttribute, readName } from './certificate.ts';

export interface Subtrees {
  directory: NameAttribute[][];
  dns: string[];
  /** As address/bits. */
  subnets: string[];
  /** GeneralName tags of other forms, which we do not judge: a name of such a form is refused. */
  otherForms: number[];
}

export interface NameConstraints {
  permitted: Subtrees;
  excluded: Subtrees;
}

/** The names of one certificate, by form. */
export interface SubjectNames {
  directory: NameAttribute[];
  dns: string[];
  ips: string[];
  otherForms: number[];
}

const none = (): Subtrees => ({ directory: [], dns: [], subnets: [], otherForms: [] });

/** Null when malformed, or with minimum or maximum distances, which RFC 5280 forbids. */
export function readNameConstraints(value: Buffer): NameConstraints | null {
  const sides = readWhole(value, TAG.sequence);
  if (sides === null || sides.length === 0) return null;
  const constraints = { permitted: none(), excluded: none() };
  for (const side of sides) {
    if (side.tag !== 0xa0 && side.tag !== 0xa1) return null;
    const into = side.tag === 0xa0 ? constraints.permitted : constraints.excluded;
    const list = readElements(side.value);
    if (list === null || !list.every((subtree) => addSubtree(into, subtree.raw))) return null;
  }
  return constraints;
}

function addSubtree(into: Subtrees, raw: Buffer): boolean {
  const parts = readWhole(raw, TAG.sequence);
  if (parts?.length !== 1) return false;
  const { tag, value } = parts[0];
  if (tag === 0x82) into.dns.push(value.toString('latin1').toLowerCase());
  else if (tag === 0x87) {
    const subnet = readSubnet(value);
    if (subnet === null) return false;
    into.subnets.push(subnet);
  } else if (tag === 0xa4) {
    const name = readName(value);
    if (name === null) return false;
    into.directory.push(name);
  } else into.otherForms.push(tag);
  return true;
}

function readSubnet(value: Buffer): string | null {
  if (value.length !== 8 && value.length !== 32) return null;
  const half = value.length / 2;
  const mask = ipaddr.fromByteArray([...value.subarray(half)]);
  const bits = mask.prefixLengthFromSubnetMask();
  return bits === null ? null : `${ipaddr.fromByteArray([...value.subarray(0, half)])}/${bits}`;
}

const sameAttribute = (a: NameAttribute, b: NameAttribute): boolean =>
  a.oid === b.oid && a.value.trim().toLowerCase() === b.value.trim().toLowerCase();

/** The base's attributes begin the name (RFC 5280 7.1). */
const underDirectory = (name: NameAttribute[], base: NameAttribute[]): boolean =>
  base.length <= name.length && base.every((attribute, index) => sameAttribute(attribute, name[index]));

/** RFC 5280 4.2.1.10: zero or more labels added on the left; the empty base holds every name. */
function underDomain(name: string, base: string): boolean {
  const lower = name.toLowerCase();
  return base === '' || lower === base || lower.endsWith(base.startsWith('.') ? base : `.${base}`);
}

function inSubnet(ip: string, subnet: string): boolean {
  const address = ipaddr.parse(ip);
  const [base, bits] = ipaddr.parseCIDR(subnet);
  return address.kind() === base.kind() && address.match(base, bits);
}

/** The first name that the constraints do not allow, as text; null when all are allowed. */
export function refusedName(names: SubjectNames, { permitted, excluded }: NameConstraints): string | null {
  const judge = <Name, Base>(
    list: Name[],
    permittedBases: Base[],
    excludedBases: Base[],
    under: (name: Name, base: Base) => boolean,
  ): Name | undefined =>
    list.find(
      (name) =>
        (permittedBases.length > 0 && !permittedBases.some((base) => under(name, base))) ||
        excludedBases.some((base) => under(name, base)),
    );
  const directory = judge([names.directory], permitted.directory, excluded.directory, underDirectory);
  if (directory !== undefined && directory.length > 0) {
    return directory.map(({ value }) => value).join(', ');
  }
  const unjudged = names.otherForms.find(
    (form) => permitted.otherForms.includes(form) || excluded.otherForms.includes(form),
  );
  return (
    judge(names.dns, permitted.dns, excluded.dns, underDomain) ??
    judge(names.ips, permitted.subnets, excluded.subnets, inSubnet) ??
    (unjudged === undefined ? null : `a name of form ${unjudged & 0x1f}`)
  );
}

/** Contents of SubjectAltName by form, to go with the subject; null when malformed. */
export function readAltNames(value: Buffer): Omit<SubjectNames, 'directory'> | null {
  const list = readWhole(value, TAG.sequence);
  if (list === null) return null;
  const names: Omit<SubjectNames, 'directory'> = { dns: [], ips: [], otherForms: [] };
  for (const { tag, value: bytes } of list) {
    if (tag === 0x82) names.dns.push(bytes.toString('latin1'));
    else if (tag === 0x87) {
      if (bytes.length !== 4 && bytes.length !== 16) return null;
      names.ips.push(ipaddr.fromByteArray([...bytes]).toString());
    } else names.otherForms.push(tag);
  }
  return names;
}
