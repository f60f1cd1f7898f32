import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseTimeSpan } from './time-span.ts';

const milliseconds = z.string().transform((text, check) => {
  const parsed = parseTimeSpan(text);
  if (parsed === undefined) {
    check.addIssue({ code: 'custom', message: `"${text}" is not a TimeSpan such as 00:01:00` });
    return z.NEVER;
  }
  return parsed;
});
const count = z.coerce.number().int().positive();
const flag = z.union([z.boolean(), z.stringbool()]);

/** Defaults are the real host's. Source: extension 5.x of Service Bus, host.json references of Functions 4.x. */
const serviceBus = z
  .object({
    prefetchCount: z.coerce.number().int().nonnegative().default(0),
    autoCompleteMessages: flag.default(true),
    maxAutoLockRenewalDuration: milliseconds.prefault('00:05:00'),
    maxConcurrentCalls: count.default(16),
    maxConcurrentSessions: count.default(8),
    maxMessageBatchSize: count.default(1000),
    minMessageBatchSize: count.default(1),
    maxBatchWaitTime: milliseconds.prefault('00:00:30'),
    /** Unset: `clientRetryOptions.tryTimeout`, so a quiet session is held for a minute. */
    sessionIdleTimeout: milliseconds.optional(),
    clientRetryOptions: z
      .object({
        mode: z.string().default('exponential'),
        tryTimeout: milliseconds.prefault('00:01:00'),
        delay: milliseconds.prefault('00:00:00.80'),
        maxDelay: milliseconds.prefault('00:01:00'),
        maxRetries: z.coerce.number().int().nonnegative().default(3),
      })
      .prefault({}),
  })
  .prefault({});

const durableTask = z
  .object({
    hubName: z.string().min(1).default('TestHubName'),
    maxConcurrentActivityFunctions: count.default(10),
    maxConcurrentOrchestratorFunctions: count.default(10),
  })
  .prefault({});

const hostJson = z.object({
  version: z.literal('2.0'),
  functionTimeout: z.union([z.literal('-1').transform(() => undefined), milliseconds]).optional(),
  logging: z.object({ logLevel: z.record(z.string(), z.string()).default({}) }).prefault({}),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      serviceBus,
      durableTask,
    })
    .prefault({}),
});

/** The part of host.json that this host honours, with the real host's defaults; durations in milliseconds. */
export type HostJson = z.output<typeof hostJson>;
export type ServiceBusSettings = HostJson['extensions']['serviceBus'];

/** Environment variables that override host.json: `AzureFunctionsJobHost__extensions__http__routePrefix`. */
const overridePrefix = 'AzureFunctionsJobHost__';

/** Reads `host.json` of an app, applies overrides from the environment. Throws with the path of each faulty value. */
export async function readHostJson(appDirectory: string, environment: NodeJS.ProcessEnv): Promise<HostJson> {
  const file = join(appDirectory, 'host.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`Cannot read ${file}: an Azure Functions app has a host.json beside its package.json.`, {
      cause: error,
    });
  }
  const document = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !name.toLowerCase().startsWith(overridePrefix.toLowerCase())) continue;
    override(document, name.slice(overridePrefix.length).split('__'), value);
  }
  const parsed = hostJson.safeParse(document);
  if (!parsed.success) throw new Error(`${file} is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Sets one value deep in the document; keys are compared without case, as .NET configuration does. */
function override(document: Record<string, unknown>, path: readonly string[], value: string): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  const key = Object.keys(document).find((known) => known.toLowerCase() === head.toLowerCase()) ?? head;
  if (rest.length === 0) {
    document[key] = value;
    return;
  }
  const child = z.record(z.string(), z.unknown()).safeParse(document[key]);
  const nested = child.success ? child.data : {};
  document[key] = nested;
  override(nested, rest, value);
}
