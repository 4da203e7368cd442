import { readFileSync } from 'node:fs';
import { AirherdError } from '../../../protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PortFinding } from '../../ports/finding.ts';
import { readHosts, readLines, readPorts, readPse, readVlans } from './bridge-json.ts';
import { DaemonSource, polled } from './daemon-source.ts';
import { runTool, type Tool } from './run-tool.ts';

const PERIOD_MS = 5000;
export const bridgeTool: Tool = { program: 'bridge', package: 'iproute2', permit: 'sudo true' };
const ipTool: Tool = { ...bridgeTool, program: 'ip' };
const ethtool: Tool = { program: 'ethtool', package: 'ethtool', permit: 'sudo true' };

/** A Linux bridge as a switch: its ports, their counters and VLANs, and its forwarding table. */
export function bridgeSource(bridge: string, clock: Clock, periodMs = PERIOD_MS): DaemonSource {
  const name = `bridge:${bridge}`;
  return new DaemonSource(name, clock, async function* (signal) {
    /** Ports that were asked for power once and have none to give. */
    const withoutPower = new Set<string>();
    yield* polled(clock, periodMs, signal, async () => {
      const ask = async (tool: Tool, ...words: string[]) => {
        const said = await runTool(tool, words, name);
        const lines = readLines(said);
        if (lines !== null) return lines;
        const detail = said.trim().slice(0, 80);
        throw new AirherdError('source-version', { tool: tool.program, detail, tested: 'iproute2 6.1' });
      };
      if (!(await ask(ipTool, '-j', 'link', 'show')).some((link) => link.ifname === bridge)) {
        throw new AirherdError('source-interface', { interface: bridge });
      }
      const ports = readPorts(await ask(ipTool, '-j', '-s', '-d', 'link', 'show', 'master', bridge), bridge);
      const hosts = readHosts(
        await ask(bridgeTool, '-j', 'fdb', 'show', 'br', bridge),
        bridge,
        clock.wallMs(),
      );
      const vlans = readVlans(await ask(bridgeTool, '-j', 'vlan', 'show'));
      const reported: PortFinding[] = [];
      for (const port of ports) {
        reported.push({
          ...port,
          ...linkOf(port.port),
          ...vlans.get(port.port),
          poe: await powerOf(port.port, withoutPower, name),
          hosts: hosts.filter((host) => host.port === port.port).length,
        });
      }
      return [...reported, ...hosts];
    });
  });
}

/** Speed and duplex, where the port has them: reading them of a port that is down is an error. */
function linkOf(port: string): Pick<PortFinding, 'speedMbps' | 'fullDuplex'> {
  const read = (what: string): string => {
    try {
      return readFileSync(`/sys/class/net/${port}/${what}`, 'utf8').trim();
    } catch {
      return '';
    }
  };
  const speed = Number(read('speed'));
  const duplex = read('duplex');
  return {
    speedMbps: speed > 0 ? speed : undefined,
    fullDuplex: duplex === '' || duplex === 'unknown' ? undefined : duplex === 'full',
  };
}

async function powerOf(port: string, without: Set<string>, source: string): Promise<PortFinding['poe']> {
  if (without.has(port)) return undefined;
  try {
    const poe = readPse(await runTool(ethtool, ['--show-pse', port], source));
    if (poe === undefined) without.add(port);
    return poe;
  } catch {
    // No ethtool, or a port that gives no power: not asked again.
    without.add(port);
    return undefined;
  }
}
