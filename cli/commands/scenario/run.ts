import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { readScenario, type Scenario } from '../../../testing/scenario/file.ts';
import { REPORT_FORMATS, type ReportFormat, report } from '../../../testing/scenario/report.ts';
import { runScenario, type ScenarioResult } from '../../../testing/scenario/run.ts';
import { progressBar } from '../../progress-bar.ts';
import { runSession } from './session.ts';

interface Options {
  format: ReportFormat;
  out?: string;
  junit?: string;
  check?: boolean;
}

export function scenarioRun(group: Command): void {
  group
    .command('run')
    .description(
      'run scenarios, each in a lab of its own; exit code 0 all passed, 1 some failed, 6 a file is wrong',
    )
    .argument('<file...>', 'YAML as in docs/scenarios.md, or a module (.mjs, .js; .ts from Node 22.18 on)')
    .addOption(
      new Option('--format <format>', 'how results are told').choices(REPORT_FORMATS).default('text'),
    )
    .option('--out <file>', 'write them there')
    .option('--junit <file>', 'write them as JUnit XML too')
    .option('--check', 'only read the files, and list all that is wrong in them')
    .action(run);
}

async function run(files: string[], { format, out, junit, check }: Options): Promise<void> {
  const yaml = new Map((await readAll(files.filter(isYaml))).map(({ file, scenario }) => [file, scenario]));
  if (check) return;
  const results: ScenarioResult[] = [];
  const bar = progressBar('scenarios');
  try {
    for (const file of files) {
      bar.show(results.length, files.length);
      const scenario = yaml.get(file);
      results.push(scenario ? await runScenario(scenario, file) : (await runSession(file)).result);
    }
  } finally {
    bar.clear();
  }
  const text = report(results, format);
  if (out === undefined) process.stdout.write(text);
  else await save(out, text);
  if (junit !== undefined) await save(junit, report(results, 'junit'));
  const failed = results.filter((one) => !one.passed).length;
  if (failed > 0) throw new AirherdError('some-failed', { failed, all: results.length });
}

const save = (path: string, text: string): Promise<void> =>
  writeFile(path, text).catch((error: Error) => {
    throw new AirherdError('output-failed', { path, detail: error.message });
  });

const isYaml = (file: string): boolean => /\.ya?ml$/.test(file);

/** All problems of all files, each with its line. */
async function readAll(files: readonly string[]): Promise<{ file: string; scenario: Scenario }[]> {
  const read: { file: string; scenario: Scenario }[] = [];
  const problems: string[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: Error) => {
      throw new AirherdError('input-missing', { path: file, detail: error.message });
    });
    const scenario = readScenario(text);
    if (scenario.ok) read.push({ file, scenario: scenario.value });
    else {
      const of = scenario.problems.map(({ line, path, message }) => `${file}:${line}: ${path}: ${message}`);
      problems.push(...of);
    }
  }
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) return read;
  throw new AirherdError('scenario-invalid', { count: problems.length });
}
