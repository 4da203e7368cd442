/** Brokers that are not the cloud's own, as processes on loopback: TLS 1.3, and a certificate asked of everybody. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authority } from '../../certs/authority.ts';
import { brokerTrustPem } from '../../certs/broker-client.ts';
import { freePort } from '../../platform/node/free-port.ts';
import {
  type ServerProcess,
  type ServerProgram,
  startServerProcess,
} from '../../platform/node/server-process.ts';
import { memoryFolder } from '../memory-folder.ts';

/** What a broker is told: its port of 127.0.0.1, and files of its certificate, key and the devices' authority. */
export interface BrokerSetup {
  dir: string;
  port: number;
  certificateFile: string;
  keyFile: string;
  trustFile: string;
}

/** How to start one kind of broker. */
export interface BrokerKind {
  name: string;
  /** Writes its configuration into `dir`. */
  configure(setup: BrokerSetup): Promise<ServerProgram>;
  /** Ends what the broker itself leaves running. */
  ended?(): Promise<void>;
}

export interface RunningBroker {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** Configuration and what it keeps. */
  readonly dir: string;
  /** Ends the process at once. */
  kill(): Promise<void>;
  /** On the same port, with what it keeps on its disk. */
  start(): Promise<void>;
  /** Ends it, and removes its folder. */
  remove(): Promise<void>;
}

export interface BrokerIdentity {
  authority: Authority;
  /** For 127.0.0.1 and localhost. */
  credentials: { certificatePem: string; privateKeyPem: string };
  nowMs: number;
}

/** @throws AirherdError program-missing where it is not installed, program-failed when it does not come up */
export async function startBroker(
  kind: BrokerKind,
  { authority, credentials, nowMs }: BrokerIdentity,
): Promise<RunningBroker> {
  const dir = await memoryFolder(kind.name);
  const setup: BrokerSetup = {
    dir,
    port: await freePort(),
    certificateFile: join(dir, 'server.pem'),
    keyFile: join(dir, 'server.key'),
    trustFile: join(dir, 'ca.pem'),
  };
  let running: ServerProcess | null = null;
  const kill = async (): Promise<void> => {
    const before = running;
    running = null;
    await before?.end();
  };
  const remove = async (): Promise<void> => {
    await kill();
    await kind.ended?.();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await writeFile(setup.certificateFile, credentials.certificatePem);
    await writeFile(setup.keyFile, credentials.privateKeyPem, { mode: 0o600 });
    await writeFile(setup.trustFile, brokerTrustPem(authority, 'devices', nowMs));
    const program = await kind.configure(setup);
    const start = async (): Promise<void> => {
      running ??= await startServerProcess(program);
    };
    await start();
    const { port } = setup;
    return { name: kind.name, dir, port, url: `mqtts://127.0.0.1:${port}`, kill, start, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
