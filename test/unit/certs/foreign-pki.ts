/**
 * Chains that airherd would never make, made by OpenSSL: keys are P-256 unless said otherwise, which is fast, extensions and
 * periods as the test wants them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openssl, type Scratch } from './openssl.ts';

export interface Wanted {
  subject: string;
  /** Lines of an OpenSSL extension section. */
  extensions?: readonly string[];
  issuer?: Made;
  /** `openssl genpkey` options. */
  key?: readonly string[];
  /** YYYYMMDDHHMMSSZ */
  from?: string;
  to?: string;
  digest?: string;
}

export interface Made {
  pem: string;
  keyFile: string;
  certificateFile: string;
}

export const RSA = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
export const P256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
export const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
export const CLIENT = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=clientAuth',
];
export const SERVER = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=serverAuth',
];

export class ForeignPki {
  readonly #scratch: Scratch;
  #made = 0;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  #run(args: readonly string[]): void {
    const result = openssl(args);
    if (!result.ok) throw new Error(`openssl ${args[0]}: ${result.text}`);
  }

  make(wanted: Wanted): Made {
    const { subject, extensions = [], issuer, key = P256, digest = 'sha256' } = wanted;
    const base = join(this.#scratch.dir, `foreign-${this.#made++}`);
    const keyFile = `${base}.key`;
    const certificateFile = `${base}.crt`;
    this.#run(['genpkey', ...key, '-out', keyFile]);
    writeFileSync(`${base}.index`, '');
    writeFileSync(`${base}.index.attr`, 'unique_subject = no\n');
    writeFileSync(
      `${base}.cnf`,
      `[ca]\ndefault_ca = it\n[it]\ndatabase = ${base}.index\nnew_certs_dir = ${this.#scratch.dir}\nrand_serial = yes
policy = any\ndefault_md = ${digest}\npreserve = yes\nemail_in_dn = no\nunique_subject = no
[any]\ncountryName = optional\norganizationName = optional\norganizationalUnitName = optional\ncommonName = optional\nserialNumber = optional
[req]\ndistinguished_name = dn\nutf8 = yes\nstring_mask = utf8only\n[dn]\n[ext]\nsubjectKeyIdentifier = hash\n${extensions.join('\n')}\n`,
    );
    const config = ['-config', `${base}.cnf`];
    this.#run(['req', '-new', ...config, '-key', keyFile, '-subj', subject, '-out', `${base}.csr`]);
    this.#run([
      ...['ca', '-batch', '-notext', ...config, '-in', `${base}.csr`, '-out', certificateFile],
      ...(issuer === undefined
        ? ['-selfsign', '-keyfile', keyFile]
        : ['-keyfile', issuer.keyFile, '-cert', issuer.certificateFile]),
      ...['-extensions', 'ext', '-startdate', wanted.from ?? '20200101000000Z'],
      ...['-enddate', wanted.to ?? '20400101000000Z'],
    ]);
    return { pem: readFileSync(certificateFile, 'utf8'), keyFile, certificateFile };
  }
}
