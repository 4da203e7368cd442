import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority, loadAuthority } from '../../certs/authority.ts';

/**
 * A manufacturing authority for tests. Making one costs seconds (three RSA 4096 keys), so that all test files
 * of a machine share one in the temporary folder; whoever comes first makes it, and it appears whole.
 */
export async function sharedAuthority(): Promise<Authority> {
  const dir = join(tmpdir(), `airherd-test-authority-1-${userInfo().uid}`);
  try {
    return await loadAuthority(dir);
  } catch {
    await createAuthority(dir, { nowMs: Date.now() }).catch(() => {});
    return loadAuthority(dir);
  }
}
