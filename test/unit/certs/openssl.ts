/** OpenSSL as the judge of what certs/ writes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test file, and the means to put PEM files into it. */
export class Scratch {
  readonly dir = mkdtempSync(join(tmpdir(), 'airherd-certs-'));
  #files = 0;

  file(content: string | Uint8Array): string {
    const path = join(this.dir, `${this.#files++}.pem`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}

export interface Output {
  ok: boolean;
  /** Standard output and error. */
  text: string;
}

export function openssl(args: readonly string[], input?: string | Uint8Array): Output {
  const { status, stdout, stderr, error } = spawnSync('openssl', args, { input, encoding: 'utf8' });
  if (error) throw error;
  return { ok: status === 0, text: stdout + stderr };
}

export interface OpensslVerify {
  root: string;
  untrusted: string;
  leaf: string;
  purpose: 'sslclient' | 'sslserver' | 'any';
  atMs?: number;
  hostname?: string;
}

/** `openssl verify` of PEM texts. */
export function opensslVerify(scratch: Scratch, request: OpensslVerify): Output {
  const { root, untrusted, leaf, purpose, atMs, hostname } = request;
  return openssl([
    ...['verify', '-x509_strict', '-purpose', purpose, '-no-CApath', '-no-CAstore'],
    ...['-CAfile', scratch.file(root), '-untrusted', scratch.file(untrusted)],
    ...(atMs === undefined ? [] : ['-attime', String(Math.floor(atMs / 1000))]),
    ...(hostname === undefined ? [] : ['-verify_hostname', hostname]),
    scratch.file(leaf),
  ]);
}

export const certificateText = (pem: string): string =>
  openssl(['x509', '-noout', '-text', '-nameopt', 'RFC2253'], pem).text;
