/** The HTTP API of a lab's own cloud, as its operator. */
import { httpsCall } from '../../platform/node/https-call.ts';
import type { Lab } from '../lab.ts';

export interface ApiCall {
  method: string;
  path: string;
  /** JSON. */
  body?: string;
}

export async function callApi(
  lab: Lab,
  { method, path, body }: ApiCall,
): Promise<{ status: number; body: string }> {
  const { apiPort, trustPem } = lab.cloud.stub;
  const answer = await lab.during(
    httpsCall({
      ...{ host: '127.0.0.1', port: apiPort, path, method, trustPem },
      headers: {
        authorization: `Token ${lab.cloud.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    }),
  );
  return { status: answer.status, body: answer.body.toString() };
}
