import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { readScenario, type Scenario } from '../../../testing/scenario/file.ts';
import { REPORT_FORMATS, type ReportFormat, report } from '../../../testing/scenario/report.ts';
import { runScenario, type ScenarioResult } from '../../../testing/scenario/run.ts';
import { runSession } from './session.ts';

interface Options {
  format: ReportFormat;
  out?: string;
  check?: boolean;
}

export function scenarioRun(group: Command): void {
  group
    .command('run')
    .description(
      'run scenarios, each in a lab of its own; exit code 0 all passed, 1 some failed, 6 a file is wrong',
    )
    .argument('<file...>', 'YAML as in docs/scenarios.md, or a module (.mjs, .js; .ts where Node reads it)')
    .addOption(
      new Option('--format <format>', 'how results are told').choices(REPORT_FORMATS).default('text'),
    )
    .option('--out <file>', 'write them there')
    .option('--check', 'only read the files, and list all that is wrong in them')
    .action(run);
}

async function run(files: string[], { format, out, check }: Options): Promise<void> {
  const modules = files.filter((file) => !isYaml(file));
  const scenarios = await readAll(files.filter(isYaml));
  if (check) return;
  const results: ScenarioResult[] = [];
  for (const { file, scenario } of scenarios) results.push(await runScenario(scenario, file));
  for (const file of modules) results.push((await runSession(file)).result);
  const text = report(results, format);
  if (out === undefined) process.stdout.write(text);
  else {
    await writeFile(out, text).catch((error: Error) => {
      throw new AirherdError('output-failed', { path: out, detail: error.message });
    });
  }
  const failed = results.filter((one) => !one.passed).length;
  if (failed > 0) throw new AirherdError('some-failed', { failed, all: results.length });
}

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
