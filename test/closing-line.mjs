import { unrunnableSuites } from './unrunnable.mjs';

/** Ends a test run with `N passed, N failed, N skipped`; with CI set, a skip fails the run. */
export default class ClosingLine {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === 'pending' ? 'skipped' : state]++;
      }
      if (module.errors().length > 0) count.failed++;
    }
    count.failed += unhandledErrors.length;
    const unrunnable = unrunnableSuites();
    count.skipped += unrunnable.length;
    if (process.env.CI && count.skipped > 0) process.exitCode = 1;
    process.once('exit', () => {
      for (const { file, tools } of unrunnable) console.log(`skipped ${file}: no ${tools.join(', ')} here`);
      console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
    });
  }
}
