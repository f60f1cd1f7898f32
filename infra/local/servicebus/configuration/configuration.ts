import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { QueueRules } from '../engine/rules.ts';
import { configurationShape, type QueueEntry, shortestAzureLock } from './shape.ts';

/** Everything wrong with a configuration, each fault with its path in the file. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];

  constructor(source: string, faults: readonly string[]) {
    super(`${source} cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

export interface Configuration {
  queues: QueueRules[];
  /** What works here and would not in Azure. */
  warnings: string[];
}

/** Reads a file in the shape of Microsoft's Service Bus emulator. @throws ConfigurationError. */
export function readConfiguration(path: string): Configuration {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigurationError(path, [error instanceof Error ? error.message : String(error)]);
  }
  return parseConfiguration(content, path);
}

/** The same for content already read; `source` names it in errors. @throws ConfigurationError listing every fault. */
export function parseConfiguration(content: unknown, source = 'The configuration'): Configuration {
  const parsed = configurationShape.safeParse(content);
  if (!parsed.success) throw new ConfigurationError(source, parsed.error.issues.map(describe));
  const entries = parsed.data.UserConfig.Namespaces.flatMap(({ Queues }) => Queues);
  const repeated = repeatedNames(entries);
  if (repeated.length > 0) throw new ConfigurationError(source, repeated);
  return {
    queues: entries.map(toRules),
    warnings: entries
      .filter(({ Properties }) => Properties.LockDuration < shortestAzureLock)
      .map(({ Name }) => `queue ${Name}: a LockDuration below PT5S works here, Azure refuses it`),
  };
}

function toRules({ Name, Properties }: QueueEntry): QueueRules {
  return {
    name: Name,
    lockDuration: Properties.LockDuration,
    defaultMessageTimeToLive: Properties.DefaultMessageTimeToLive ?? null,
    maxDeliveryCount: Properties.MaxDeliveryCount,
    requiresSession: Properties.RequiresSession,
    duplicateDetectionWindow: Properties.RequiresDuplicateDetection
      ? Properties.DuplicateDetectionHistoryTimeWindow
      : null,
    deadLetteringOnMessageExpiration: Properties.DeadLetteringOnMessageExpiration,
  };
}

function repeatedNames(entries: readonly QueueEntry[]): string[] {
  const names = entries.map(({ Name }) => Name.toLowerCase());
  return entries.flatMap(({ Name }, index) =>
    names.indexOf(Name.toLowerCase()) < index
      ? [`UserConfig.Namespaces[0].Queues[${index}].Name: '${Name}' is there twice`]
      : [],
  );
}

function describe(issue: z.core.$ZodIssue): string {
  return `${pathText(issue.path)}: ${issue.message}`;
}

/** `UserConfig.Namespaces[0].Queues[2].Name` */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
