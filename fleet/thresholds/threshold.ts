import { durationMs } from '../duration.ts';
import { COUNTERS, type CounterName, HISTOGRAMS, type HistogramName } from '../metrics/names.ts';

const OPERATORS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
} as const;
type Operator = keyof typeof OPERATORS;

/** `mean`, `max`, `count`, or a percentile. */
export type Statistic = 'mean' | 'max' | 'count' | { percentile: number };

/** One condition that a run has to meet. */
export interface Threshold {
  text: string;
  metric: { histogram: HistogramName; statistic: Statistic } | { counter: CounterName };
  operator: Operator;
  /** Milliseconds of a duration, else the number itself. */
  limit: number;
}

export const meets = ({ operator, limit }: Threshold, value: number): boolean =>
  OPERATORS[operator](value, limit);

const FORM = /^([a-z]+)(?:\.(mean|max|count|p\d{1,2}(?:\.\d{1,3})?))?\s*(<=|>=|==|!=|<|>)\s*(\S+)$/;

/** `connect.p99 < 2s`, `lost == 0`: the condition, or what is wrong with it. */
export function parseThreshold(text: string): Threshold | string {
  const [, name, statistic, operator, limit] = FORM.exec(text.trim()) ?? [];
  if (name === undefined) return 'must be like connect.p99 < 2s or lost == 0';
  const counter = COUNTERS.find((known) => known === name);
  const histogram = HISTOGRAMS.find((known) => known === name);
  if (!counter && !histogram) return `there is no metric ${name}`;
  if (counter && statistic !== undefined) return `${counter} is one number and has no ${statistic}`;
  if (histogram && statistic === undefined) return `say which: ${histogram}.p50, .p99, .mean, .max or .count`;
  const isTime = histogram !== undefined && statistic !== 'count';
  const value = isTime ? durationMs(limit) : /^\d+(\.\d+)?$/.test(limit) ? Number(limit) : null;
  if (value === null) return isTime ? `${limit} is no duration, such as 500ms` : `${limit} is no number`;
  return {
    text: text.trim(),
    metric: histogram ? { histogram, statistic: statisticOf(statistic) } : { counter: counter! },
    // The pattern lets only these through.
    operator: operator as Operator,
    limit: value,
  };
}

function statisticOf(text: string): Statistic {
  if (text === 'mean' || text === 'max' || text === 'count') return text;
  return { percentile: Number(text.slice(1)) };
}
