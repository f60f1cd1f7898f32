/**
 * A stand-in for the Functions worker: gives `@azure/functions` the core module it asks for, collects what the app
 * registers, and invokes it. Only as much as Durable needs; the product's host lives in infra/local/functions.
 * Import it before anything that loads `@azure/functions`.
 */
import { randomUUID } from 'node:crypto';
import { registerHooks } from 'node:module';
import type {
  FunctionInvoker,
  InvocationRequest,
  InvocationResult,
  RegisteredFunction,
  TypedData,
} from '../../../../infra/local/functions/contract.ts';

type Binding = Record<string, unknown> & { type: string };
type Handler = (input: unknown, context: unknown) => unknown;

interface Metadata {
  name: string;
  bindings: Record<string, Binding>;
}

/** What `@azure/functions` offers to its host. */
interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: Handler): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}
interface ProgrammingModel {
  getInvocationModel(context: unknown): InvocationModel;
}

interface Registration extends RegisteredFunction {
  handler: Handler;
}

const registrations = new Map<string, Registration>();
let model: ProgrammingModel | undefined;

const disposable = { dispose: (): void => undefined };

class Disposable {
  static from(): Disposable {
    return new Disposable();
  }
  dispose(): void {
    // Nothing is held.
  }
}

const core = {
  version: '4.0.0-test',
  hostVersion: '4.0.0-test',
  Disposable,
  registerFunction: ({ name, bindings }: Metadata, handler: Handler) => {
    const found = Object.entries(bindings).find(([, binding]) => binding.type.endsWith('Trigger'));
    if (found === undefined) throw new Error(`function ${name} has no trigger`);
    const [bindingName, options] = found;
    registrations.set(name, {
      name,
      bindings,
      handler,
      trigger: { name: bindingName, type: options.type, options },
    });
    return disposable;
  },
  registerHook: () => disposable,
  setProgrammingModel: (given: ProgrammingModel) => {
    model = given;
  },
  getProgrammingModel: () => model,
  log: () => undefined,
};

Reflect.set(globalThis, Symbol.for('slipway.test.functions-core'), core);
const address = 'slipway-test:functions-core';
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@azure/functions-core' ? { url: address, shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === address
      ? {
          format: 'commonjs',
          source: "module.exports = globalThis[Symbol.for('slipway.test.functions-core')];",
          shortCircuit: true,
        }
      : next(url, context),
});

async function invoke(functionName: string, request: InvocationRequest): Promise<InvocationResult> {
  const registration = registrations.get(functionName);
  if (registration === undefined || model === undefined) throw new Error(`no function ${functionName}`);
  const invocationId = randomUUID();
  const invocation = model.getInvocationModel({
    invocationId,
    request: {
      invocationId,
      functionId: functionName,
      inputData: [{ name: registration.trigger.name, data: request.trigger }],
      triggerMetadata: request.triggerMetadata ?? {},
      traceContext: {},
    },
    metadata: { name: functionName, bindings: registration.bindings },
    state: 'invocation',
    log: () => undefined,
  });
  const { context, inputs } = await invocation.getArguments();
  try {
    const result = await invocation.invokeFunction(context, inputs, registration.handler);
    const response = await invocation.getResponse(context, result);
    return { outcome: 'succeeded', invocationId, returnValue: response.returnValue, context };
  } catch (error) {
    return { outcome: 'failed', invocationId, error, context };
  }
}

/** Invokes whatever the test registered so far. */
export const invoker: FunctionInvoker = { functions: () => [...registrations.values()], invoke };

/** Takes a function out again, as if the app had been deployed without it. */
export function unregister(name: string): void {
  registrations.delete(name);
}
