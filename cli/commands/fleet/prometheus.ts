import { createServer } from 'node:http';
import type { RunProgress } from '../../../fleet/index.ts';
import { Metrics } from '../../../fleet/metrics/metrics.ts';
import { prometheusText } from '../../../fleet/report/prometheus.ts';
import { AirherdError } from '../../../protocol/errors.ts';

export interface PrometheusEndpoint {
  url: string;
  update(progress: RunProgress): void;
  close(): Promise<void>;
}

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `GET /metrics` while a run lasts. `where` is host:port, or a port of this machine; 0 takes a free one. */
export async function startPrometheus(where: string): Promise<PrometheusEndpoint> {
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(where) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw new AirherdError('usage-invalid', { detail: '--prometheus is a port, or host:port' });
  }
  let latest: RunProgress | null = null;
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end('GET /metrics\n');
      return;
    }
    const { metrics, elapsedMs } = latest ?? { metrics: new Metrics(), elapsedMs: 0 };
    const text = await prometheusText(metrics, elapsedMs);
    response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new AirherdError('port-in-use', { host, port, flag: '--prometheus' })
          : new AirherdError('usage-invalid', { detail: `cannot listen on ${where}: ${error.message}` }),
      ),
    );
    server.listen(Number(port), host.replace(/^\[(.*)\]$/, '$1'), resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host}:${bound}/metrics`,
    update(progress) {
      latest = progress;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
