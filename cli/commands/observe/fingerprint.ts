/** Cryptography is loaded for it, so it is loaded only when it is asked for. */
export { tlsFingerprintOf } from '../../../packets/observe/tls-fingerprint.ts';
