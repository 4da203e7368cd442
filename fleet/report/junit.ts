import type { FleetReport } from './report.ts';
import { rounded } from './verdict.ts';

interface Case {
  name: string;
  failure: string | null;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** JUnit XML, as CI servers read it: the run itself and each threshold is a test case. */
export function junitOf({ outcome, reasons, thresholds, elapsedMs }: FleetReport): string {
  const ended = outcome === 'passed' || outcome === 'thresholds-failed';
  const cases: Case[] = [
    { name: 'run', failure: ended ? null : `${outcome}: ${reasons.join('; ')}` },
    ...thresholds.map(({ text, value, met }) => ({
      name: text,
      failure: met ? null : value === null ? 'nothing was measured' : `it was ${rounded(value)}`,
    })),
  ];
  const failures = cases.filter(({ failure }) => failure !== null).length;
  const body = cases.map(({ name, failure }) => {
    const open = `  <testcase classname="airherd fleet" name="${escaped(name)}"`;
    return failure === null ? `${open}/>` : `${open}><failure message="${escaped(failure)}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="airherd fleet" tests="${cases.length}" failures="${failures}" errors="0" skipped="0" time="${elapsedMs / 1000}">`,
    ...body,
    '</testsuite>',
    '',
  ].join('\n');
}
