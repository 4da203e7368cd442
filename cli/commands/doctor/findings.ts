import { readdirSync } from 'node:fs';
import { mayRun, pathOf } from '../../../platform/node/sources/capture-helper.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { type Probe, probes } from './probes.ts';

export interface Finding {
  /** As `--source` names it. */
  source: string;
  /** `ready`: works now. `missing`: a package. `blocked`: a privilege. `absent`: the machine has nothing of the kind. */
  state: 'ready' | 'missing' | 'blocked' | 'absent';
  detail: string;
  /** The command that mends it; absent where nothing needs to be, or can be. */
  mend?: string;
}

/** One line a kind of source, each by a try of the very thing that the source would do. */
export async function findings(): Promise<Finding[]> {
  const interfaces = interfaceNames();
  return Promise.all(probes(interfaces).map(probed));
}

async function probed({ source, programs, look, absent }: Probe): Promise<Finding> {
  for (const [program, name] of Object.entries(programs)) {
    const path = pathOf(program);
    const mend = `sudo apt-get install ${name}`;
    if (path === null) return { source, state: 'missing', detail: `${program} is not installed`, mend };
    if (mayRun(path)) continue;
    const detail = `${path} may not be run by this user`;
    const group = name === 'lldpd' ? 'adm,_lldpd' : 'wireshark';
    return { source, state: 'blocked', detail, mend: `sudo usermod -aG ${group} $USER` };
  }
  try {
    const detail = await look();
    return detail === null ? { source, state: 'absent', detail: absent } : { source, state: 'ready', detail };
  } catch (error) {
    if (!(error instanceof AirherdError)) throw error;
    const { code, parameters } = error;
    const run = String(parameters.run);
    if (code === 'source-privilege')
      return { source, state: 'blocked', detail: `may not ${parameters.what}`, mend: run };
    if (code === 'source-tool')
      return { source, state: 'missing', detail: `${parameters.tool} is not installed`, mend: run };
    return { source, state: 'absent', detail: String(parameters.detail ?? error.message) };
  }
}

/** Interfaces of this machine, without the loopback. */
export function interfaceNames(): string[] {
  try {
    return readdirSync('/sys/class/net').filter((name) => name !== 'lo' && name !== 'bonding_masters');
  } catch {
    return [];
  }
}
