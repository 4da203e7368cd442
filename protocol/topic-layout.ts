/**
 * Topics of brokers that have rules of their own: a template such as `dt/{serial}/{direction}/{name}`. Each
 * placeholder is one whole level, once; the direction is `tx` or `rx`, the name a stream, a down topic, or `auth`.
 */
import { DOWN_TOPICS, type DownTopic, isSerial, UP_STREAMS, type UpStream } from './topics.ts';

export const DEFAULT_TOPIC_TEMPLATE = 'ap/v1/{serial}/{direction}/{name}';
/** AWS IoT takes seven slashes and 256 bytes; others take more. */
const MAX_LEVELS = 8;
const MAX_LENGTH = 160;
const PLACEHOLDERS = ['{serial}', '{direction}', '{name}'] as const;

export type LayoutTopic =
  | { direction: 'tx'; serial: string; name: UpStream | 'auth' }
  | { direction: 'rx'; serial: string; name: DownTopic };

/** What is wrong with a template; null when nothing is. */
export function topicTemplateProblem(template: string): string | null {
  const levels = template.split('/');
  if (template.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  if (levels.length > MAX_LEVELS) return `must have at most ${MAX_LEVELS} levels`;
  for (const placeholder of PLACEHOLDERS) {
    if (levels.filter((level) => level === placeholder).length !== 1) {
      return `must have ${placeholder} as one whole level, once`;
    }
  }
  const plain = levels.filter((level) => !(PLACEHOLDERS as readonly string[]).includes(level));
  if (plain.some((level) => !/^[\w.:@=-]+$/.test(level))) {
    return 'levels are letters, digits and _ . : @ = -, and never empty';
  }
  return null;
}

export class TopicLayout {
  private readonly levels: readonly string[];

  /** @throws RangeError for a template that `topicTemplateProblem` objects to */
  constructor(template: string = DEFAULT_TOPIC_TEMPLATE) {
    const problem = topicTemplateProblem(template);
    if (problem) throw new RangeError(`topic template ${problem}`);
    this.levels = template.split('/');
  }

  up(serial: string, name: UpStream | 'auth'): string {
    return this.fill({ '{serial}': serial, '{direction}': 'tx', '{name}': name });
  }

  down(serial: string, name: DownTopic): string {
    return this.fill({ '{serial}': serial, '{direction}': 'rx', '{name}': name });
  }

  /** All that is meant for one device. */
  downFilter(serial: string): string {
    return this.fill({ '{serial}': serial, '{direction}': 'rx', '{name}': '+' });
  }

  /** All that all devices send. */
  upFilter(): string {
    return this.fill({ '{serial}': '+', '{direction}': 'tx', '{name}': '+' });
  }

  /** Null for anything that is not exactly one of these topics. */
  parse(topic: string): LayoutTopic | null {
    const parts = topic.split('/');
    if (parts.length !== this.levels.length) return null;
    const found = { '{serial}': '', '{direction}': '', '{name}': '' };
    for (const [i, level] of this.levels.entries()) {
      if (level in found) found[level as keyof typeof found] = parts[i];
      else if (level !== parts[i]) return null;
    }
    const { '{serial}': serial, '{direction}': direction, '{name}': name } = found;
    if (!isSerial(serial)) return null;
    if (direction === 'tx' && (name === 'auth' || (UP_STREAMS as readonly string[]).includes(name))) {
      return { direction, serial, name: name as UpStream | 'auth' };
    }
    if (direction === 'rx' && (DOWN_TOPICS as readonly string[]).includes(name)) {
      return { direction, serial, name: name as DownTopic };
    }
    return null;
  }

  private fill(values: Record<string, string>): string {
    return this.levels.map((level) => values[level] ?? level).join('/');
  }
}
