import type { PrivacyPromise } from './promise.ts';
import { DATA_PROMISES } from './promises-data.ts';
import { SECURITY_PROMISES } from './promises-security.ts';

/** All that the cloud promises about data, each with the test that holds it. */
export const PROMISES: readonly PrivacyPromise[] = [...SECURITY_PROMISES, ...DATA_PROMISES];
