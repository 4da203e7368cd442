import type { CloudConfiguration } from '../../cloud-stub/configuration.ts';
import type { OpenListener } from '../../cloud-stub/listeners.ts';
import type { CloudApi } from '../cloud-api.ts';
import { checkFiles, type Folders } from './files.ts';
import type { Finding } from './finding.ts';
import { checkListener } from './listener.ts';
import { checkPorts } from './ports.ts';
import { checkConfiguration, checkOperator, checkOrganisation } from './settings.ts';

export interface CheckOptions {
  api: CloudApi;
  trustPem: readonly string[];
  /** Where the listeners are reached from here, and the name that their certificates are to carry. */
  host: (listener: OpenListener) => string;
  serverName: string;
  /** What only a cloud on this machine can be asked: its process and its folders. */
  local: {
    pid: number;
    folders: Folders /** Of other regions in the same process. */;
    beside: OpenListener[];
  } | null;
  nowMs: number;
}

/** Looks at a running cloud from outside and at what it runs with. Changes nothing. */
export async function* checkCloud(options: CheckOptions): AsyncGenerator<Finding[]> {
  const { api, trustPem, serverName, nowMs, local, host } = options;
  const configuration = await api.json<CloudConfiguration>('/api/airherd/v1/configuration');
  for (const listener of configuration.listeners) {
    const endpoint = { host: host(listener), port: listener.port };
    yield await checkListener({ listener, endpoint, trustPem, serverName, nowMs });
  }
  if (local) {
    yield checkPorts(local.pid, [...configuration.listeners, ...local.beside]);
    yield checkFiles(local.folders, configuration.masterKey);
  }
  yield checkConfiguration(configuration);
  yield await checkOperator(api);
  const { privileges } = await api.json<{ privileges: { org_id?: string; org_name?: string }[] }>(
    '/api/v1/self',
  );
  for (const { org_id: orgId, org_name: name } of privileges) {
    if (orgId !== undefined) yield await checkOrganisation(api, orgId, name ?? orgId);
  }
}
