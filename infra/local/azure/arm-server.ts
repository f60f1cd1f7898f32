import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ArmError, armError } from './arm-error.ts';
import type { ArmRequest, ArmResponse } from './arm-request.ts';
import { CallCounter } from './call-counts.ts';
import { HeldRequests } from './held-requests.ts';
import { developmentToken } from './credentials.ts';
import type { HttpAction } from './fault-rules.ts';
import { checkScope } from './look-up.ts';
import { RateLimits } from './rate-limits.ts';
import { readJson } from './read-json.ts';
import { matchRoute } from './routes.ts';
import type { ArmRoute } from './routes.ts';
import type { AzureContext } from './settings.ts';
import { without } from './without.ts';

/** A request to ARM, as it came. */
export interface ArmCall {
  method: string;
  url: URL;
  authorization: string | undefined;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  /** `valid` is false for a body that is no JSON. */
  body: { valid: boolean; value: unknown };
}

/** ARM's request pipeline: route, count, fault, authenticate, throttle, carry out. */
export class ArmServer {
  readonly counter = new CallCounter();
  readonly held: HeldRequests;
  readonly #context: AzureContext;
  readonly #limits = new RateLimits();

  constructor(context: AzureContext) {
    this.#context = context;
    this.held = new HeldRequests(context.clock);
  }

  /** Answers one request that came over a socket. */
  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.exchange({
      method: message.method ?? 'GET',
      url: new URL(message.url ?? '/', `https://${message.headers.host ?? '127.0.0.1'}`),
      authorization: message.headers.authorization,
      ifMatch: message.headers['if-match'],
      ifNoneMatch: message.headers['if-none-match'],
      body: await readJson(message),
    });
    if (answer === 'reset') message.socket.destroy();
    else send(message, response, answer);
  }

  /** Answers one request, however it came; `reset` is a connection that breaks. */
  async exchange(call: ArmCall): Promise<ArmResponse | 'reset'> {
    const { method, url, body } = call;
    const match = matchRoute(method, url.pathname);
    const operation = match.route?.operation ?? 'Unknown';
    this.counter.request(method, operation);
    const fault = this.#context.state.faults.http({ method, path: url.pathname, operation });
    if (fault?.type === 'reset') return 'reset';
    if (fault?.type === 'delay') await this.held.hold(fault.seconds);

    const request: ArmRequest = {
      method,
      path: url.pathname,
      query: url.searchParams,
      parameters: match.route ? match.parameters : {},
      body: body.value,
      ifMatch: call.ifMatch,
      ifNoneMatch: call.ifNoneMatch,
      origin: url.origin,
    };
    const answer = this.#answer(() => {
      refuseByFault(fault);
      authenticate(call);
      if (match.route === undefined) throw unknownRoute(method, url.pathname, match.known);
      if (!body.valid)
        throw armError(
          400,
          'InvalidRequestContent',
          'The request content was invalid and could not be deserialized.',
        );
      return this.#carryOut(match.route, request);
    });
    if (fault?.type === 'applyThenReset') return 'reset';
    this.counter.answer(answer.status);
    return answer;
  }

  #carryOut(route: ArmRoute, request: ArmRequest): ArmResponse {
    if (!request.query.has('api-version')) {
      throw armError(
        400,
        'MissingApiVersionParameter',
        'The api-version query parameter (?api-version=) is required for all requests.',
      );
    }
    const headers = this.#limits.take(route.operation, request, this.#context.clock.now());
    const answer = this.#answer(() => {
      checkScope(this.#context, request);
      return this.#context.state.atomically(() => route.handler(this.#context, request));
    });
    return { ...answer, headers: { ...headers, ...answer.headers } };
  }

  #answer(carryOut: () => ArmResponse): ArmResponse {
    try {
      return carryOut();
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      const { status, retryAfterSeconds } = error.facts;
      return {
        status,
        body: error.body(),
        headers: {
          'x-ms-error-code': error.facts.code,
          ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
        },
      };
    }
  }
}

function refuseByFault(fault: HttpAction | undefined): void {
  if (fault?.type !== 'status') return;
  const { shape, code, message } = fault;
  throw new ArmError({
    ...without(fault, 'type', 'shape', 'code', 'message'),
    shape: shape ?? 'arm',
    code: code ?? (fault.status === 429 ? 'TooManyRequests' : 'InternalServerError'),
    message: message ?? `Injected fault: HTTP ${fault.status}.`,
  } satisfies ArmError['facts']);
}

function authenticate({ authorization }: ArmCall): void {
  if (authorization === `Bearer ${developmentToken}`) return;
  const missing = authorization === undefined;
  throw missing
    ? armError(401, 'AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.")
    : armError(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
}

function unknownRoute(method: string, path: string, known: boolean): ArmError {
  return known
    ? armError(405, 'MethodNotAllowed', `The simulator does not support ${method} on ${path}.`)
    : armError(404, 'InvalidResourceType', `The simulator does not know the path ${path}.`);
}

function send(message: IncomingMessage, response: ServerResponse, answer: ArmResponse): void {
  const requestId = randomUUID();
  const correlation = message.headers['x-ms-correlation-request-id'];
  response.statusCode = answer.status;
  response.setHeader('x-ms-request-id', requestId);
  response.setHeader(
    'x-ms-correlation-request-id',
    typeof correlation === 'string' ? correlation : requestId,
  );
  response.setHeader('x-ms-routing-request-id', `SIMULATOR:${requestId}`);
  response.setHeader('cache-control', 'no-cache');
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.body === undefined) {
    response.end();
    return;
  }
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(answer.body));
}
