import { z } from 'zod';

/** One virtual machine of a pool. Times are virtual epoch milliseconds. */
export const machineSchema = z.object({
  name: z.string(),
  /** Instance number inside the scale set. */
  instance: z.number().int(),
  zone: z.string().optional(),
  /** When its kubelet registers the Node, and when that Node turns Ready. */
  joinAt: z.number(),
  readyAt: z.number(),
  /** Set once the Node was registered: a kubelet does not register a second time. */
  joined: z.boolean(),
  /** Set while it is being drained and removed. */
  leavingSince: z.number().optional(),
  /** Its pool is stopped: the machine is off, its disk and name are kept, and its cores still count against the quota. */
  deallocated: z.boolean().optional(),
});
export type MachineRecord = z.infer<typeof machineSchema>;

/** An error as asynchronous operations carry it (body shape C). */
export interface ErrorDetail {
  code: string;
  message: string;
  target?: string;
  subcode?: string;
  details?: ErrorDetail[];
}
export const errorDetailSchema: z.ZodType<ErrorDetail> = z.lazy(() =>
  z.object({
    code: z.string(),
    message: z.string(),
    target: z.string().optional(),
    subcode: z.string().optional(),
    details: z.array(errorDetailSchema).optional(),
  }),
);

export const poolSchema = z.object({
  cluster: z.string(),
  name: z.string(),
  eTag: z.string(),
  /** The eight digits that all node names of a cluster share. */
  nodeSuffix: z.string(),
  /** `properties` as the client last put them, with defaults filled in; server-side fields live beside it. */
  properties: z.record(z.string(), z.unknown()),
  provisioningState: z.string(),
  provisioningError: errorDetailSchema.optional(),
  createdAt: z.number(),
  machines: z.array(machineSchema),
  nextInstance: z.number().int(),
  /** The operation that holds the pool, while one runs. */
  operation: z.string().optional(),
});
export type PoolRecord = z.infer<typeof poolSchema>;

export const clusterSchema = z.object({
  name: z.string(),
  location: z.string(),
  eTag: z.string(),
  powerState: z.enum(['Running', 'Stopped']),
  provisioningState: z.string(),
  nodeSuffix: z.string(),
  principalId: z.string(),
  createdAt: z.number(),
  /** A deleted cluster keeps its record, so that a restart does not bring it back. */
  deleted: z.boolean(),
  operation: z.string().optional(),
});
export type ClusterRecord = z.infer<typeof clusterSchema>;

export const operationVerbs = [
  'createPool',
  'updatePool',
  'deletePool',
  'deleteMachines',
  'upgradeNodeImage',
  'abortPool',
  'stopCluster',
  'startCluster',
  'deleteCluster',
] as const;

export const operationSchema = z.object({
  id: z.string(),
  cluster: z.string(),
  location: z.string(),
  pool: z.string().optional(),
  verb: z.enum(operationVerbs),
  status: z.enum(['InProgress', 'Succeeded', 'Failed', 'Canceled']),
  startTime: z.number(),
  /** When it ends; absent for one that is stuck until a delete or an abort. */
  dueAt: z.number().optional(),
  endTime: z.number().optional(),
  /** How it will end when due: a scripted failure, otherwise success. */
  failure: errorDetailSchema.optional(),
  error: errorDetailSchema.optional(),
});
export type OperationRecord = z.infer<typeof operationSchema>;
