/** Results for whoever reads them: JUnit, TAP, JSON and GitHub annotations, beside lines for people. */
import type { ScenarioResult } from './run.ts';

export const REPORT_FORMATS = ['text', 'junit', 'tap', 'json', 'github'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export function report(results: readonly ScenarioResult[], format: ReportFormat): string {
  return { text, junit, tap, json, github }[format](results);
}

const json = (results: readonly ScenarioResult[]): string =>
  `${JSON.stringify({ passed: results.every((one) => one.passed), results }, null, 2)}\n`;

function text(results: readonly ScenarioResult[]): string {
  return results
    .map((one) => {
      const head = `${one.passed ? 'passed' : 'FAILED'}  ${one.scenario} (${one.file}, seed ${one.seed})\n`;
      const failed = one.steps.filter(({ outcome }) => outcome === 'failed');
      const why = failed
        .map(({ line, text: step, message }) => `  line ${line}: ${step}\n    ${message}\n`)
        .join('');
      return head + why + (one.evidence === undefined ? '' : `  evidence: ${one.evidence}\n`);
    })
    .join('');
}

const xml = (value: string): string =>
  value
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

function junit(results: readonly ScenarioResult[]): string {
  const suites = results.map((one) => {
    const count = (of: string) => one.steps.filter(({ outcome }) => outcome === of).length;
    const cases = one.steps.map(({ line, text: step, outcome, message }) => {
      const head = `    <testcase classname="${xml(one.scenario)}" name="${xml(`line ${line}: ${step}`)}"`;
      if (outcome === 'passed') return `${head}/>\n`;
      const inner =
        outcome === 'not run'
          ? '<skipped/>'
          : `<failure message="${xml(message ?? '')}">${xml(one.evidence ?? '')}</failure>`;
      return `${head}>${inner}</testcase>\n`;
    });
    const numbers = `tests="${one.steps.length}" failures="${count('failed')}" skipped="${count('not run')}"`;
    return `  <testsuite name="${xml(one.scenario)}" file="${xml(one.file)}" ${numbers}>\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

function tap(results: readonly ScenarioResult[]): string {
  const lines = results.map((one, i) => {
    const name = one.scenario.replace(/[#\n\r\\]/g, ' ');
    const failed = one.steps.find(({ outcome }) => outcome === 'failed');
    const detail =
      failed === undefined
        ? ''
        : `  ---\n  file: ${JSON.stringify(one.file)}\n  line: ${failed.line}\n  message: ${JSON.stringify(failed.message)}\n  evidence: ${JSON.stringify(one.evidence)}\n  ...\n`;
    return `${one.passed ? 'ok' : 'not ok'} ${i + 1} - ${name}\n${detail}`;
  });
  return `TAP version 13\n1..${results.length}\n${lines.join('')}`;
}

const property = (value: string): string =>
  value
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
const data = (value: string): string =>
  value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

function github(results: readonly ScenarioResult[]): string {
  return results
    .flatMap((one) =>
      one.steps
        .filter(({ outcome }) => outcome === 'failed')
        .map(
          ({ line, text: step, message }) =>
            `::error file=${property(one.file)},line=${line},title=${property(one.scenario)}::${data(`${step}: ${message ?? ''}`)}\n`,
        ),
    )
    .join('');
}
