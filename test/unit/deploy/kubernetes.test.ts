/** The manifests by the fields that Kubernetes documents (API reference 1.29: batch/v1 Job, v1 Pod and claims). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { fleetMerge } from '../../../cli/commands/fleet/merge.ts';
import { fleetPart } from '../../../cli/commands/fleet/part.ts';

const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const labels = z.record(z.string(), z.string());
const quantity = z.string().regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti|k|M|G)?$/);
const resources = z.strictObject({
  requests: z.record(z.string(), quantity).optional(),
  limits: z.record(z.string(), quantity).optional(),
});
const container = z.strictObject({
  name,
  image: z.string(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z
    .array(
      z.strictObject({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z
          .strictObject({
            fieldRef: z.strictObject({ fieldPath: z.string() }).optional(),
            configMapKeyRef: z.strictObject({ name, key: z.string() }).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  resources,
  volumeMounts: z.array(
    z.strictObject({ name, mountPath: z.string().startsWith('/'), readOnly: z.boolean().optional() }),
  ),
});
const volume = z.strictObject({
  name,
  secret: z.strictObject({ secretName: name, defaultMode: z.number().int().max(0o777) }).optional(),
  configMap: z.strictObject({ name }).optional(),
  emptyDir: z.strictObject({ medium: z.enum(['', 'Memory']).optional(), sizeLimit: quantity }).optional(),
  persistentVolumeClaim: z.strictObject({ claimName: name }).optional(),
});
const podSpec = z.strictObject({
  restartPolicy: z.enum(['Never', 'OnFailure']),
  automountServiceAccountToken: z.literal(false),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.number().int().min(1),
    fsGroup: z.number().int(),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  affinity: z
    .strictObject({
      podAntiAffinity: z.strictObject({
        preferredDuringSchedulingIgnoredDuringExecution: z.array(
          z.strictObject({
            weight: z.number().int().min(1).max(100),
            podAffinityTerm: z.strictObject({
              topologyKey: z.string(),
              labelSelector: z.strictObject({ matchLabels: labels }),
            }),
          }),
        ),
      }),
    })
    .optional(),
  initContainers: z.array(container).optional(),
  containers: z.array(container).min(1),
  volumes: z.array(volume),
});
const job = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name, labels: labels.optional() }),
  spec: z.strictObject({
    completionMode: z.enum(['Indexed', 'NonIndexed']).optional(),
    completions: z.number().int().min(1).optional(),
    parallelism: z.number().int().min(1).optional(),
    backoffLimit: z.number().int().min(0),
    template: z.strictObject({
      metadata: z.strictObject({ labels }).optional(),
      spec: podSpec,
    }),
  }),
});
const claim = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('PersistentVolumeClaim'),
  metadata: z.strictObject({ name }),
  spec: z.strictObject({
    accessModes: z.array(z.enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOncePod'])),
    resources,
  }),
});

const manifest = (file: string): unknown[] =>
  parseAllDocuments(readFileSync(resolve('deploy/kubernetes', file), 'utf8'), { merge: true }).map(
    (document) => {
      expect(document.errors).toEqual([]);
      return document.toJS();
    },
  );
const jobOf = (file: string) => job.parse(manifest(file).at(-1));

describe.each(['fleet-part.yaml', 'fleet-merge.yaml'])('%s', (file) => {
  test('has the documented fields, and no other', () => {
    for (const object of manifest(file).slice(0, -1)) claim.parse(object);
    expect(() => jobOf(file)).not.toThrow();
  });

  test('mounts what it has, once', () => {
    const { spec } = jobOf(file).spec.template;
    const names = spec.volumes.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { volumeMounts } of [...(spec.initContainers ?? []), ...spec.containers]) {
      for (const mount of volumeMounts) expect(names).toContain(mount.name);
    }
  });

  test('calls airherd with options that it has', () => {
    const group = new Command('fleet');
    fleetPart(group);
    fleetMerge(group);
    const [{ args = [] }] = jobOf(file).spec.template.spec.containers;
    expect(args[0]).toBe('fleet');
    const command = group.commands.find((one) => one.name() === args[1]);
    const known = command?.options.map(({ long }) => long) ?? [];
    const used = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.split('=')[0]);
    expect(used.length).toBeGreaterThan(0);
    for (const option of used) expect(known).toContain(option);
    const needed = command?.options.filter(({ mandatory }) => mandatory).map(({ long }) => long) ?? [];
    expect(used).toEqual(expect.arrayContaining(needed));
  });
});

test('as many parts as completions, and all of them merged', () => {
  const { completions, parallelism, completionMode, template } = jobOf('fleet-part.yaml').spec;
  expect({ completionMode, parallelism }).toEqual({ completionMode: 'Indexed', parallelism: completions });
  expect(template.spec.containers[0].args).toContain(`--of=${completions}`);
  const merged = jobOf('fleet-merge.yaml').spec.template.spec.containers[0].args ?? [];
  const parts = Array.from({ length: completions ?? 0 }, (_, index) => `/reports/part-${index}.json`);
  expect(merged.filter((arg) => arg.startsWith('/reports/part-'))).toEqual(parts);
});
