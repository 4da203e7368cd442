import { configDefaults, defineConfig } from 'vitest/config';
import { unrunnableSuites } from './test/unrunnable.mjs';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...unrunnableSuites().map((suite) => suite.file)],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    reporters: ['default', './test/closing-line.mjs'],
  },
});
