import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Command } from 'commander';
import { AirherdError } from '../protocol/errors.ts';
import { type OperatorFile, readOperatorFile } from './commands/cloud/operator-file.ts';
import { airherdHome } from './home.ts';

const CONNECT_MS = 10_000;
const DEFAULT_PORT = 443;

/** How a command is told which cloud to ask. Without any, it is the one that runs on this machine. */
export interface ApiFlags {
  cloud?: string;
  tokenFile?: string;
  ca?: string;
}

export function withApiFlags(command: Command): Command {
  return command
    .option('--cloud <url>', 'https://host[:port]; default: the cloud on this machine')
    .option('--token-file <file>', 'holds the API token; or set AIRHERD_TOKEN')
    .option('--ca <file>', "PEM that the API's certificate is checked against");
}

export interface ApiTarget {
  host: string;
  port: number;
  serverName: string;
  token: string;
  ca?: string;
}

interface RequestInit {
  method?: string;
  body?: object;
  /** Entity tag of what the request is a change of. */
  ifMatch?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** The HTTPS API of one cloud, as a person's tool uses it. */
export class CloudApi {
  private readonly target: ApiTarget;
  private readonly agent: Agent | false;

  /** `keptConnections`: so many at most stay open, until `close`. Default: each request has one of its own. */
  constructor(target: ApiTarget, keptConnections = 0) {
    this.target = target;
    this.agent = keptConnections > 0 && new Agent({ keepAlive: true, maxSockets: keptConnections });
  }

  close(): void {
    if (this.agent) this.agent.destroy();
  }

  get address(): { host: string; port: number } {
    const { host, port } = this.target;
    return { host, port };
  }

  /** @throws AirherdError cloud-unreachable, api-refused */
  async json<T>(path: string, init: Omit<RequestInit, 'signal'> = {}): Promise<T> {
    const response = await this.open(path, init);
    const body = await text(response);
    return JSON.parse(body) as T;
  }

  /** Has the cloud ask a connected device. Throws like `json`. */
  askDevice<T>(serial: string, action: string, init: Pick<RequestInit, 'body' | 'timeoutMs'>): Promise<T> {
    const path = `/api/airherd/v1/devices/${encodeURIComponent(serial)}/${action}`;
    return this.json<T>(path, { ...init, method: 'POST' });
  }

  /** The answer as it comes; ended by `signal`. Throws like `json`. */
  async open(
    path: string,
    { method = 'GET', body, ifMatch, signal, timeoutMs = CONNECT_MS }: RequestInit = {},
  ): Promise<IncomingMessage> {
    const { host, port, serverName, token, ca } = this.target;
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request({
        host,
        servername: serverName,
        port,
        path,
        method,
        ca,
        signal,
        agent: this.agent,
        timeout: timeoutMs,
        headers: {
          authorization: `Token ${token}`,
          ...(sent !== undefined && { 'content-type': 'application/json' }),
          ...(ifMatch !== undefined && { 'if-match': ifMatch }),
        },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
      outgoing.on('response', (answer) => {
        // What follows may be silent for long: only the answer itself has to come in time.
        outgoing.setTimeout(0);
        resolve(answer);
      });
      outgoing.on('error', (error) => {
        reject(
          new AirherdError('cloud-unreachable', { host, port, detail: error.message }, { cause: error }),
        );
      });
      outgoing.end(sent);
    });
    if ((response.statusCode ?? 0) < 300) return response;
    throw new AirherdError('api-refused', reasonOf(await text(response), response.statusCode));
  }

  /** The organisation that is named; the only one, when none is. */
  async organisation(named: string | undefined): Promise<string> {
    const { privileges } = await this.json<{ privileges: { org_id?: string; org_name?: string }[] }>(
      '/api/v1/self',
    );
    const all = new Map(privileges.flatMap(({ org_id: id, org_name: name }) => (id ? [[id, name]] : [])));
    if (named === undefined && all.size === 1) return [...all.keys()][0];
    const found = [...all].filter(([id, name]) => id === named || name === named);
    if (found.length === 1) return found[0][0];
    const names = [...all].map(([id, name]) => name ?? id).join(', ') || 'none';
    throw new AirherdError('usage-invalid', { detail: `choose an organisation with --org: ${names}` });
  }
}

/** @throws AirherdError cloud-not-running, usage-invalid, input-missing */
export const openCloudApi = async (flags: ApiFlags): Promise<CloudApi> =>
  new CloudApi(await apiTarget(flags));

/** Throws as `openCloudApi` does. */
export async function apiTarget(flags: ApiFlags, dir: string = airherdHome().cloud): Promise<ApiTarget> {
  if (flags.cloud === undefined) {
    const file = await readOperatorFile(dir);
    if (!file) throw new AirherdError('cloud-not-running', { path: dir });
    return targetOnThisMachine(file);
  }
  const url = URL.canParse(flags.cloud) ? new URL(flags.cloud) : null;
  if (url?.protocol !== 'https:') {
    throw new AirherdError('usage-invalid', {
      detail: `--cloud must be https://host[:port], not ${flags.cloud}`,
    });
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    // SNI and the name in the certificate: an address has no SNI.
    serverName: /^[\d.]+$|:/.test(host) ? '' : host,
    port: Number(url.port || DEFAULT_PORT),
    token: await tokenOf(flags),
    ca: flags.ca === undefined ? undefined : await read(flags.ca),
  };
}

export const targetOnThisMachine = ({ apiPort, token, trustPem }: OperatorFile): ApiTarget => ({
  host: '127.0.0.1',
  serverName: 'localhost',
  port: apiPort,
  token,
  ca: trustPem,
});

export const cloudOnThisMachine = (file: OperatorFile): CloudApi => new CloudApi(targetOnThisMachine(file));

/** Never from an argument: those are shown to every user of the machine. */
async function tokenOf({ tokenFile }: ApiFlags): Promise<string> {
  const token = tokenFile === undefined ? process.env.AIRHERD_TOKEN : await read(tokenFile);
  if (token?.trim()) return token.trim();
  throw new AirherdError('usage-invalid', { detail: 'name an API token: --token-file, or AIRHERD_TOKEN' });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('input-missing', { path, detail }, { cause: error });
  }
}

async function text(response: IncomingMessage): Promise<string> {
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) body += chunk;
  return body;
}

/** `code` is the catalogue's, where the API names one. */
function reasonOf(body: string, status = 0): { detail: string; code: string } {
  try {
    const { detail, code } = JSON.parse(body) as { detail?: unknown; code?: unknown };
    if (typeof detail === 'string') return { detail, code: typeof code === 'string' ? code : '' };
  } catch {
    // Not from our API: its status has to do.
  }
  return { detail: `it answered ${status}`, code: '' };
}
