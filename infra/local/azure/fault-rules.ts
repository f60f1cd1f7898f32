import { z } from 'zod';
import { nodeFaultSchema, podFaultSchema } from '../cluster/faults.ts';
import { faultRules as kubernetesFaultRules } from '../kubernetes/faults.ts';
import { errorDetailSchema } from './records.ts';

const seconds = z.number().nonnegative();
const times = z.number().int().positive().optional();
const skip = z.number().int().nonnegative().optional();

const errorFields = {
  status: z.number().int().min(400).max(599),
  code: z.string(),
  message: z.string(),
  shape: z.enum(['aks', 'arm']).optional(),
  subcode: z.string().optional(),
  details: z.array(errorDetailSchema).optional(),
  retryAfterSeconds: seconds.optional(),
};

/** How pool operations of matching pools end. Patterns use `*`; an absent field matches all. */
const outcomeRuleSchema = z.strictObject({
  match: z.strictObject({
    cluster: z.string().optional(),
    pool: z.string().optional(),
    vmSize: z.string().optional(),
    zone: z.string().optional(),
    priority: z.enum(['Spot', 'Regular']).optional(),
    operation: z.enum(['create', 'update', 'delete', 'deleteMachines']).optional(),
  }),
  skip,
  times,
  outcome: z.discriminatedUnion('type', [
    /** Refused at once. */
    z.strictObject({ type: z.literal('refuse'), ...errorFields }),
    /** Accepted, then Failed after `afterSeconds`; a failed create leaves the pool in state Failed. */
    z.strictObject({
      type: z.literal('fail'),
      afterSeconds: seconds,
      code: z.string(),
      message: z.string(),
      details: z.array(errorDetailSchema).optional(),
    }),
    /** Succeeds, but only after `seconds`. */
    z.strictObject({ type: z.literal('slow'), seconds }),
    /** Never ends by itself; a delete or an abort ends it. */
    z.strictObject({ type: z.literal('stuck') }),
  ]),
});
export type OutcomeRule = z.infer<typeof outcomeRuleSchema>;
export type Outcome = OutcomeRule['outcome'];

/** What happens to matching HTTP requests to ARM. */
const httpRuleSchema = z.strictObject({
  match: z.strictObject({
    method: z.string().optional(),
    /** Pattern over the path without the query. */
    path: z.string().optional(),
    /** Pattern over the operation id, e.g. `AgentPools_*`. */
    operation: z.string().optional(),
  }),
  skip,
  times,
  action: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('status'),
      ...errorFields,
      code: z.string().optional(),
      message: z.string().optional(),
    }),
    /** The connection breaks before the request is carried out. */
    z.strictObject({ type: z.literal('reset') }),
    /** The request is carried out, then the connection breaks. */
    z.strictObject({ type: z.literal('applyThenReset') }),
    /** The request is carried out `seconds` (virtual) later. */
    z.strictObject({ type: z.literal('delay'), seconds }),
  ]),
});
export type HttpRule = z.infer<typeof httpRuleSchema>;
export type HttpAction = HttpRule['action'];

/** Limits of the simulated subscription that differ from vm-sizes.yaml and its defaults. */
const limitsSchema = z.strictObject({
  /** vCPU limit by quota family; `cores` is the region's total, `lowPriorityCores` that of spot. */
  quota: z.record(z.string(), z.number().int().nonnegative()).optional(),
  /** Sizes restricted for the subscription: everywhere, or in the zones named. */
  restrictedSizes: z
    .array(z.strictObject({ vmSize: z.string(), zones: z.array(z.string()).optional() }))
    .optional(),
  /** The capacity reservation groups there are, with the sizes they hold; without this field any group is as good as any other. */
  capacityReservations: z
    .array(z.strictObject({ group: z.string(), vmSizes: z.array(z.string()) }))
    .optional(),
});

/** Everything that can be made to go wrong, as `--faults FILE`, `PUT /simulator/faults` and tests give it. */
export const faultRulesSchema = z.strictObject({
  outcomes: z.array(outcomeRuleSchema).default([]),
  http: z.array(httpRuleSchema).default([]),
  nodes: z.array(nodeFaultSchema).default([]),
  pods: z.array(podFaultSchema).default([]),
  limits: limitsSchema.default({}),
  /** For every cluster's Kubernetes API. */
  kubernetes: kubernetesFaultRules.default([]),
});
export type FaultRules = z.infer<typeof faultRulesSchema>;
export type FaultRulesInput = z.input<typeof faultRulesSchema>;
