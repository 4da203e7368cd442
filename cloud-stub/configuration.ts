import type { Limits } from './limits.ts';
import type { OpenListener } from './listeners.ts';

/** What a slow, greedy or hostile client of the API may cost. */
export interface ApiLimits {
  /** From the first byte of a request to its last. */
  requestTimeoutMs: number;
  headersTimeoutMs: number;
  connections: number;
  /** Of one who asks: a person, a token, an address of nobody known. */
  requestsPerHour: number;
  bodyBytes: number;
  /** Levels of nesting in a body. */
  bodyDepth: number;
  headerBytes: number;
}

export const DEFAULT_API_LIMITS: ApiLimits = {
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  connections: 2048,
  // As the public API has it.
  requestsPerHour: 5000,
  bodyBytes: 256 * 1024,
  bodyDepth: 16,
  headerBytes: 16 * 1024,
};

/** What a cloud runs with, as `airherd cloud check` asks for it. Holds no secret. */
export interface CloudConfiguration {
  listeners: OpenListener[];
  limits: Limits;
  api: ApiLimits;
  /** `folder`, or where else the master key came from. */
  masterKey: string;
  logLevel: string;
  storeQuotaBytes: number | null;
}
