import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { unrunnableSuites } from './test/unrunnable.mjs';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...unrunnableSuites().map((suite) => suite.file)],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // By itself vitest leaves one processor free: of two, that is half of the machine, and many tests wait for others.
    maxWorkers: availableParallelism(),
    reporters: ['default', './test/closing-line.mjs'],
  },
});
