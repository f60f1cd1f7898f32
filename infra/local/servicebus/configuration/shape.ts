import { z } from 'zod';
import { parseDuration } from './duration.ts';

/** Limits and defaults of Service Bus queues: learn.microsoft.com, "Service Bus quotas" and the emulator's sample. */
const second = 1000;
const day = 86_400 * second;

/** Azure asks for 5 s at least; tests need less, so that is only warned about. */
export const shortestAzureLock = 5 * second;

function duration(bounds: { shortest: number; longest: number; bounds: string }) {
  return z.string().transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds === undefined) {
      context.addIssue({ code: 'custom', message: `'${text}' is no ISO 8601 duration such as PT1M30S` });
      return z.NEVER;
    }
    if (milliseconds < bounds.shortest || milliseconds > bounds.longest) {
      context.addIssue({ code: 'custom', message: `${text} is out of bounds: ${bounds.bounds}` });
      return z.NEVER;
    }
    return milliseconds;
  });
}

const unused = (what: string) => z.literal('', { error: `${what} is not offered by this broker` }).optional();

const properties = z.strictObject({
  LockDuration: duration({ shortest: second, longest: 300 * second, bounds: 'PT1S to PT5M' }).default(
    60 * second,
  ),
  DefaultMessageTimeToLive: duration({
    shortest: second,
    longest: Infinity,
    bounds: 'PT1S or longer',
  }).optional(),
  MaxDeliveryCount: z.int().min(1).max(2000).default(10),
  RequiresSession: z.boolean().default(false),
  RequiresDuplicateDetection: z.boolean().default(false),
  DuplicateDetectionHistoryTimeWindow: duration({
    shortest: second,
    longest: 7 * day,
    bounds: 'PT1S to P7D',
  }).default(600 * second),
  DeadLetteringOnMessageExpiration: z.boolean().default(false),
  ForwardTo: unused('forwarding'),
  ForwardDeadLetteredMessagesTo: unused('forwarding of dead letters'),
});

const queue = z.strictObject({
  Name: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/, 'a queue name has letters, digits, and ._-/ inside')
    .max(260),
  Properties: properties.prefault({}),
});

const namespace = z.strictObject({
  Name: z.string().optional(),
  Queues: z.array(queue).default([]),
  Topics: z
    .array(z.unknown())
    .max(0, { error: 'topics are not offered by this broker: leave the list empty' })
    .optional(),
});

/** The configuration file of Microsoft's Service Bus emulator, as far as queues go. */
export const configurationShape = z.strictObject({
  UserConfig: z.strictObject({
    Namespaces: z.array(namespace).length(1, { error: 'exactly one namespace is needed' }),
    Logging: z.looseObject({}).optional(),
  }),
});

export type QueueEntry = z.output<typeof queue>;
