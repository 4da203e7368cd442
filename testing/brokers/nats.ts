import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerKind } from './broker.ts';

/** Its MQTT gateway keeps what it takes at QoS 1 in JetStream. */
export const nats = (): BrokerKind => ({
  name: 'nats',
  configure: async ({ dir, port, certificateFile, keyFile, trustFile }) => {
    const conf = join(dir, 'nats.conf');
    await writeFile(
      conf,
      `server_name: airherd
host: "127.0.0.1"
port: -1
jetstream { store_dir: "${join(dir, 'jetstream')}", max_mem: 64M, max_file: 256M }
mqtt {
  host: "127.0.0.1"
  port: ${port}
  max_ack_pending: 60000
  tls { cert_file: "${certificateFile}", key_file: "${keyFile}", ca_file: "${trustFile}", verify: true, timeout: 10 }
}
`,
    );
    return {
      program: 'nats-server',
      package: 'nats-server',
      words: ['-c', conf],
      ready: /Server is ready/,
      signal: 'SIGKILL',
    };
  },
});
