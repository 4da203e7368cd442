/**
 * Checks values against a CDDL file. The file is parsed by the `cddl` package, which knows nothing of
 * airherd; this walks its syntax tree over values that an independent CBOR decoder (cborg) produced.
 * Covers what `schema.cddl` uses of RFC 8610, and throws on anything else.
 */
import { parse } from 'cddl';

type Assignment = ReturnType<typeof parse>[number];
interface Property {
  Occurrence: { n: number; m: number };
  Name: string;
  Type: unknown;
}
interface Node {
  Type: unknown;
  Value?: unknown;
  Name?: string;
  Properties?: Property[];
  Values?: Property[];
  Operator?: { Type: string; Value: unknown };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

export class Cddl {
  private readonly rules: Map<string, Assignment>;

  constructor(path: string) {
    this.rules = new Map(parse(path).map((rule) => [rule.Name, rule]));
  }

  get names(): string[] {
    return [...this.rules.keys()];
  }

  /** Null when `value` is what rule `name` describes; otherwise where it is not. */
  check(name: string, value: unknown): string | null {
    return this.rule(name, value, name);
  }

  private rule(name: string, value: unknown, where: string): string | null {
    if (name === 'number') return typeof value === 'number' ? null : `${where}: not a number`;
    const rule = this.rules.get(name);
    if (!rule) throw new Error(`schema has no rule ${name}`);
    if (rule.Type === 'variable') {
      return this.choice((rule as unknown as { PropertyType: unknown[] }).PropertyType, value, where);
    }
    return this.map((rule as unknown as Node).Properties as Property[], value, where);
  }

  private choice(types: unknown, value: unknown, where: string): string | null {
    let fault: string | null = `${where}: nothing allowed`;
    for (const type of Array.isArray(types) ? types : [types]) {
      fault = this.type(type, value, where);
      if (fault === null) return null;
    }
    return fault;
  }

  private type(type: unknown, value: unknown, where: string): string | null {
    if (typeof type === 'string') return this.primitive(type, value, where);
    const node = type as Node;
    switch (node.Type) {
      case 'literal':
        return value === node.Value ? null : `${where}: not ${JSON.stringify(node.Value)}`;
      case 'range': {
        const { Min, Max } = node.Value as { Min: Node; Max: Node };
        return Number.isInteger(value) &&
          (value as number) >= Number(Min.Value) &&
          (value as number) <= Number(Max.Value)
          ? null
          : `${where}: not in ${Min.Value}..${Max.Value}`;
      }
      case 'array': {
        if (!Array.isArray(value)) return `${where}: not a list`;
        const [item] = node.Values as Property[];
        if (value.length < item.Occurrence.n) return `${where}: too few`;
        for (const [i, entry] of value.entries()) {
          const fault = this.choice(item.Type, entry, `${where}[${i}]`);
          if (fault) return fault;
        }
        return null;
      }
      case 'group':
        return node.Properties
          ? this.map(node.Properties, value, where)
          : this.rule(String(node.Value), value, where);
      default:
        return this.sized(node, value, where);
    }
  }

  private sized(node: Node, value: unknown, where: string): string | null {
    const fault = this.primitive(String(node.Type), value, where);
    if (fault || !node.Operator) return fault;
    if (node.Operator.Type !== 'size') throw new Error(`control operator ${node.Operator.Type}`);
    const size = node.Operator.Value as Node;
    const length = (value as Uint8Array).length;
    return this.type(size, length, `${where} size`);
  }

  private primitive(type: string, value: unknown, where: string): string | null {
    const ok =
      type === 'tstr'
        ? typeof value === 'string'
        : type === 'bstr'
          ? value instanceof Uint8Array
          : type === 'bool'
            ? typeof value === 'boolean'
            : type === 'uint'
              ? Number.isInteger(value) && (value as number) >= 0
              : null;
    if (ok === null) throw new Error(`primitive ${type}`);
    return ok ? null : `${where}: not ${type}`;
  }

  /** Named members, groups put in place, and `* tstr => type` for all other keys. */
  private map(properties: Property[], value: unknown, where: string): string | null {
    if (!isMap(value)) return `${where}: not a map`;
    const members = this.members(properties);
    const wildcard = members.find(
      (member) => member.Name === 'tstr' && member.Occurrence.m === Number.POSITIVE_INFINITY,
    );
    for (const member of members) {
      if (member === wildcard) continue;
      if (!(member.Name in value)) {
        if (member.Occurrence.n > 0) return `${where}.${member.Name}: missing`;
        continue;
      }
      const fault = this.choice(member.Type, value[member.Name], `${where}.${member.Name}`);
      if (fault) return fault;
    }
    for (const key of Object.keys(value)) {
      if (members.some((member) => member !== wildcard && member.Name === key)) continue;
      if (!wildcard) return `${where}.${key}: unknown key`;
      const fault = this.choice(wildcard.Type, value[key], `${where}.${key}`);
      if (fault) return fault;
    }
    return null;
  }

  private members(properties: Property[]): Property[] {
    return properties.flatMap((property) => {
      if (property.Name !== '') return [property];
      const [group] = property.Type as Node[];
      return this.members((this.rules.get(String(group.Value)) as unknown as Node).Properties as Property[]);
    });
  }
}
