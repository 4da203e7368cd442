import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadAuthority } from '../../../certs/authority.ts';
import { type BatchResult, runBatch } from '../../../certs/batch.ts';
import { BatchOrder } from '../../../certs/batch-journal.ts';
import { factorySetup, runFactory } from '../../../certs/factory.ts';
import { DEFAULT_MODEL, MAX_BATCH, serialInBatch } from '../../../certs/make-identity.ts';
import { DEFAULT_DAYS, planBatch } from '../../../certs/manufacture.ts';
import { PackWriter } from '../../../certs/pack/write.ts';
import { type RegistryEntry, registryEntryOf } from '../../../certs/registry-entry.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { trustHomeKey } from '../../firmware-trust.ts';
import { airherdHome } from '../../home.ts';
import { withRegistry } from '../../local-registry.ts';
import { type PackFlags, packSecret, withPackFlags } from '../../pack-secret.ts';
import { progressBar } from '../../progress-bar.ts';
import { upTo } from '../../whole-number.ts';

interface CreateOptions extends PackFlags {
  kind: BatchOrder['kind'];
  count: number;
  key: BatchOrder['keyType'];
  model?: string;
  days: number;
  json?: boolean;
}

function model(text: string): string {
  if (/^[A-Z0-9-]{1,32}$/.test(text)) return text;
  throw new InvalidArgumentError('A model name has at most 32 capital letters, digits and hyphens.');
}

/** `airherd device create`: a batch of identities on all cores; the same command completes an interrupted one. */
export function deviceCreate(group: Command): void {
  withPackFlags(
    group
      .command('create')
      .description('make identities and enter them in the registry; run it again after an interruption'),
    'put them into one encrypted file instead of a folder each: virtual devices by the thousand',
  )
    .addOption(
      new Option('--kind <kind>', 'what they are').choices(['ap', 'switch']).makeOptionMandatory(true),
    )
    .option('--count <n>', 'how many', upTo(1_000_000), 1)
    .addOption(
      new Option('--key <type>', 'their TLS keys: ECDSA P-256 or RSA 2048')
        .choices(['p256', 'rsa2048'])
        .default('p256'),
    )
    .option('--model <name>', 'model name (default: AH-AP-1 or AH-SW-48)', model)
    .option('--days <n>', 'how long their certificates are valid', upTo(36_500), DEFAULT_DAYS)
    .option('--json', 'print JSON')
    .action(create);
}

async function create(options: CreateOptions): Promise<void> {
  const home = airherdHome();
  const authority = await loadAuthority(home.ca);
  const order = BatchOrder.parse({
    kind: options.kind,
    count: options.count,
    keyType: options.key,
    model: options.model ?? DEFAULT_MODEL[options.kind],
    days: options.days,
  });
  if (options.pack !== undefined) return createPack(order, options.pack, options);
  const bar = progressBar('identities');
  const stop = new AbortController();
  // once: whoever presses it again means it, and the next run completes the batch all the same
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const result = await withRegistry((registry) =>
      runBatch(
        {
          order,
          authority,
          devicesDir: home.devices,
          registry,
          nowMs: nodeClock.wallMs(),
          cores: availableParallelism(),
          signal: stop.signal,
        },
        bar.show,
      ),
    );
    bar.clear();
    await trustHomeKey(
      home,
      result.devices.map(({ serial }) => serial),
    );
    print(result, home.devices, options.json);
  } finally {
    bar.clear();
    process.off('SIGINT', onInterrupt);
  }
}

/** All or nothing: the registry gets them when the pack is whole, just before it has its name. */
async function createPack(order: BatchOrder, path: string, options: CreateOptions): Promise<void> {
  const authority = await loadAuthority(airherdHome().ca);
  const writer = await PackWriter.create(path, packSecret(options));
  const bar = progressBar('identities');
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const batch = await withRegistry(async (registry) => {
      const unused = () => {
        for (;;) {
          const number = randomInt(MAX_BATCH + 1);
          if (!registry.find(serialInBatch(number, 0))) return number;
        }
      };
      const plans = planBatch({ ...order, nowMs: nodeClock.wallMs(), batch: unused() });
      const entries: RegistryEntry[] = [];
      const run = { plans, cores: availableParallelism(), signal: stop.signal };
      await runFactory(factorySetup(authority, null), run, async (identities) => {
        await writer.add(identities);
        entries.push(...identities.map(registryEntryOf));
        bar.show(entries.length, plans.length);
      });
      if (entries.length < plans.length) {
        throw new AirherdError('pack-interrupted', { made: entries.length, count: plans.length });
      }
      await registry.add(entries);
      await writer.finish();
      return { first: plans[0].serial, last: plans[plans.length - 1].serial };
    });
    bar.clear();
    const { count } = order;
    if (options.json) console.log(JSON.stringify({ pack: path, count, ...batch }, null, 2));
    else console.log(`${count} identities, ${batch.first} to ${batch.last}, in ${path}`);
  } catch (error) {
    await writer.discard();
    throw error;
  } finally {
    bar.clear();
    process.off('SIGINT', onInterrupt);
  }
}

/** More are not listed one by one, except as JSON. */
const LISTED = 20;

function print({ devices, resumed, batch }: BatchResult, path: string, json: boolean | undefined): void {
  if (json) {
    console.log(JSON.stringify({ batch, resumed, path, devices }, null, 2));
    return;
  }
  if (resumed > 0) console.log(`completed an interrupted batch: ${resumed} were there already`);
  if (devices.length > LISTED) {
    const [first, last] = [devices[0], devices[devices.length - 1]];
    console.log(`${devices.length} identities, ${first.serial} to ${last.serial}, in ${path}`);
    return;
  }
  for (const { serial, mac, claimCode } of devices) console.log(`${serial}  ${mac}  claim code ${claimCode}`);
}
