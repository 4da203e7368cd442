import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../agent/config.ts';
import { layerConfig } from '../../../agent/config-layers.ts';
import { AirherdError } from '../../../protocol/errors.ts';

const url = 'mqtts://cloud.test:8883';

function problem(run: () => unknown): AirherdError {
  try {
    run();
  } catch (error) {
    if (error instanceof AirherdError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('configuration', () => {
  test('flags are over environment, environment over file, file over defaults', () => {
    const file = {
      path: 'agent.yaml',
      text: 'cloud:\n  url: mqtts://file\n  timeoutMs: 1\nreport:\n  flushMs: 2\n  statsMs: 3\n',
    };
    const environment = { AIRHERD_AGENT_CLOUD_TIMEOUT_MS: '11', AIRHERD_AGENT_REPORT_FLUSH_MS: '12' };
    const config = layerConfig({ file, environment, flags: { report: { flushMs: 21 }, cloud: { url } } });
    expect(config.cloud.url).toBe(url);
    expect(config.cloud.timeoutMs).toBe(11);
    expect(config.report.flushMs).toBe(21);
    expect(config.report.statsMs).toBe(3);
    expect(config.cloud.keepaliveS).toBe(30);
    expect(config.outbox.limitBytes).toBe(64 * 1024 * 1024);
  });

  test('an absent flag leaves what the file says', () => {
    const file = { path: 'a.yaml', text: `cloud: { url: "${url}", serverName: other.test }` };
    const config = layerConfig({ file, environment: {}, flags: { cloud: { serverName: undefined } } });
    expect(config.cloud.serverName).toBe('other.test');
  });

  test('the environment reads lists, numbers and booleans', () => {
    const config = layerConfig({
      environment: {
        AIRHERD_AGENT_CLOUD_URL: url,
        AIRHERD_AGENT_CAPTURE_SOURCES: 'file:a.pcap,file:b.pcap',
        AIRHERD_AGENT_CAPTURE_STREAM: 'true',
        AIRHERD_AGENT_OUTBOX_LIMIT_BYTES: '65536',
        AIRHERD_HOME: '/elsewhere',
      },
      flags: {},
    });
    expect(config.capture).toMatchObject({ sources: ['file:a.pcap', 'file:b.pcap'], stream: true });
    expect(config.outbox.limitBytes).toBe(65536);
  });

  test('every problem is listed at once, each with its place', () => {
    const error = problem(() =>
      layerConfig({
        file: {
          path: 'bad.yaml',
          text: 'cloud: { url: "http://x" }\ncolour: red\nbackoff: { minMs: 9, maxMs: 3 }',
        },
        environment: { AIRHERD_AGENT_OUTBOX_LIMIT_BYTES: 'plenty', AIRHERD_AGENT_REPORT_COLOUR: '1' },
        flags: {},
      }),
    );
    expect(error.code).toBe('config-invalid');
    expect(error.exitCode).toBe(2);
    for (const part of [
      'cloud.url',
      'colour: unknown',
      'backoff.minMs',
      'outbox.limitBytes',
      'report.colour',
    ]) {
      expect(error.message).toContain(part);
    }
    expect(error.message).not.toContain('\n');
  });

  test('without a cloud there is no configuration', () => {
    expect(problem(() => parseConfig({}, 'test')).message).toContain('cloud');
  });

  test('a file that is no YAML, or no map, is refused with its name', () => {
    for (const text of ['a: [1, ', '- 1\n- 2', 'text', 'a: &x 1\nb: *x']) {
      const error = problem(() =>
        layerConfig({ file: { path: 'f.yaml', text }, environment: {}, flags: {} }),
      );
      expect(error.code).toBe('config-invalid');
      expect(error.message).toContain('f.yaml');
    }
  });

  test('the result is frozen, and validation changes nothing that was passed in', () => {
    const input = { cloud: { url } };
    const config = parseConfig(input, 'test');
    expect(() => Object.assign(config.cloud, { url: 'mqtts://other' })).toThrow();
    expect(() => config.capture.sources.push('x')).toThrow();
    expect(input).toEqual({ cloud: { url } });
  });
});
