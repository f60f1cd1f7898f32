/**
 * The part of the `@azure/functions-core` contract that the programming model (`@azure/functions`) and the worker share.
 * Source: the published package `@azure/functions` 4.16, `src/ProgrammingModel.ts` and `src/InvocationModel.ts`.
 */
import type { TypedData } from '../contract.ts';

/** The durable contract's typed data plus what only bindings of the host itself carry. */
export type WorkerTypedData = TypedData | { collectionBytes: { bytes: Uint8Array[] } };

export type BindingInfo = Record<string, unknown>;

export interface FunctionMetadata {
  name: string;
  functionId?: string;
  bindings: Record<string, BindingInfo>;
  retryOptions?: unknown;
}

export type FunctionHandler = (...inputs: unknown[]) => unknown;

export type WorkerLogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
export type WorkerLogCategory = 'user' | 'system' | 'customMetric';

/** Where the lines of one invocation, or of the app itself, go. */
export type WorkerLog = (level: WorkerLogLevel, category: WorkerLogCategory, message: string) => void;

export const hookNames = ['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log'] as const;
export type HookName = (typeof hookNames)[number];
export type HookCallback = (context: Record<string, unknown>) => unknown;

export interface RpcInvocationRequest {
  invocationId: string;
  functionId: string;
  inputData: { name: string; data: WorkerTypedData }[];
  triggerMetadata: Record<string, TypedData>;
  traceContext: { traceParent: string; traceState: string; attributes: Record<string, string> };
}

export interface RpcInvocationResponse {
  outputData?: { name: string; data: TypedData }[];
  returnValue?: TypedData | null;
}

export type InvocationState = 'preInvocationHooks' | 'invocation' | 'postInvocationHooks';

export interface CoreInvocationContext {
  invocationId: string;
  request: RpcInvocationRequest;
  metadata: FunctionMetadata;
  state: InvocationState | undefined;
  log: WorkerLog;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: FunctionHandler): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<RpcInvocationResponse>;
}

export interface ProgrammingModel {
  name?: string;
  version?: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
}
