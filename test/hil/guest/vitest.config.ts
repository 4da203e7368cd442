import { defineConfig } from 'vitest/config';

/** Not in CI: it boots a machine without hardware help, and takes minutes. */
export default defineConfig({
  test: { include: ['test/hil/guest/*.spec.ts'], testTimeout: 180_000, hookTimeout: 900_000, pool: 'forks' },
});
