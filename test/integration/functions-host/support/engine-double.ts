import type {
  DurableEngine,
  DurableEngineOptions,
  DurableHttpRequest,
  DurableHttpResponse,
} from '../../../../infra/local/functions/contract.ts';

/** Stands in for the Durable engine: records what the host asks of it and runs what a test tells it to. */
export class EngineDouble implements DurableEngine {
  readonly options: DurableEngineOptions;
  readonly requests: DurableHttpRequest[] = [];
  readonly calls: string[] = [];
  busy = false;
  reply: DurableHttpResponse = {
    status: 202,
    headers: { 'content-type': 'application/json' },
    body: '{"id":"i1"}',
  };

  constructor(options: DurableEngineOptions) {
    this.options = options;
  }

  start(): void {
    this.calls.push('start');
  }

  stop(): Promise<void> {
    this.calls.push('stop');
    return Promise.resolve();
  }

  handle(request: DurableHttpRequest): Promise<DurableHttpResponse> {
    this.requests.push(request);
    return Promise.resolve(this.reply);
  }

  idle(): boolean {
    return !this.busy;
  }
}
