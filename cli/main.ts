#!/usr/bin/env node
import { joinedRun } from './joined.ts';

const words = process.argv.slice(2);
const run = joinedRun(words) ?? (await import('./run.ts')).run;
await run(words);
