import type { ContainerServiceClient } from '@azure/arm-containerservice';

/** Bodies of failed answers by the request they answer: the SDK's RestError keeps only code and message of a JSON body. */
const bodies = new WeakMap<object, string>();

/** Makes the client remember what ARM said in full, so that details, subcodes and nested codes can be classified. */
export function keepErrorBodies({ pipeline }: Pick<ContainerServiceClient, 'pipeline'>): void {
  pipeline.addPolicy({
    name: 'slipwayErrorBodies',
    async sendRequest(request, next) {
      const response = await next(request);
      if (response.status >= 400 && typeof response.bodyAsText === 'string')
        bodies.set(request, response.bodyAsText);
      return response;
    },
  });
}

/** The whole body of the answer to a request that failed, when the client keeps them. */
export function errorBodyOf(request: unknown): string | undefined {
  return typeof request === 'object' && request !== null ? bodies.get(request) : undefined;
}
