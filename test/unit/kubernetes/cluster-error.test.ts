import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SlipwayError } from '../../../shared/errors/slipway-error.ts';
import { Retryable, Terminal } from '../../../shared/errors/slipway-error.ts';
import { isObjectAbsent, toClusterError } from '../../../shared/kubernetes/cluster-error.ts';

interface StatusFacts {
  reason?: string;
  message?: string;
  details?: unknown;
}

/** Shaped as client-node's ApiException: the body an unparsed string. */
function apiException(
  code: number,
  body: StatusFacts | string | undefined,
  headers: Record<string, string> = {},
): Error {
  const text =
    typeof body === 'object' ? JSON.stringify({ kind: 'Status', status: 'Failure', code, ...body }) : body;
  return Object.assign(new Error(`HTTP-Code: ${code}`), { code, body: text, headers });
}

const translate = (thrown: unknown): SlipwayError => toClusterError(thrown, 'main', 'list nodes');
const of = (kind: string, name: string): { kind: string; name: string } => ({ kind, name });

describe('the error contract of a cluster', () => {
  const rows: [string, Error, string, 'retryable' | 'terminal'][] = [
    ['401 without a body', apiException(401, undefined), 'ClusterUnreachable', 'retryable'],
    [
      '500',
      apiException(500, { message: 'etcdserver: request timed out' }),
      'ClusterUnreachable',
      'retryable',
    ],
    ['503 of a load balancer', apiException(503, '<html></html>'), 'ClusterUnreachable', 'retryable'],
    [
      '504',
      apiException(504, { reason: 'Timeout', details: { retryAfterSeconds: 1 } }),
      'ClusterUnreachable',
      'retryable',
    ],
    ['429', apiException(429, { reason: 'TooManyRequests' }), 'TooManyRequests', 'retryable'],
    ['a stale write', apiException(409, { reason: 'Conflict' }), 'Conflict', 'retryable'],
    ['a create of what exists', apiException(409, { reason: 'AlreadyExists' }), 'AlreadyExists', 'terminal'],
    ['an unknown path', apiException(404, '404 page not found\n'), 'ClusterNotPrepared', 'retryable'],
    [
      'an unknown type',
      apiException(404, { reason: 'NotFound', details: {} }),
      'ClusterNotPrepared',
      'retryable',
    ],
    [
      'our own namespace missing',
      apiException(404, { reason: 'NotFound', details: of('namespaces', 'slipway-system') }),
      'ClusterNotPrepared',
      'retryable',
    ],
    [
      'a namespace missing',
      apiException(404, { reason: 'NotFound', details: of('namespaces', 'team') }),
      'NamespaceNotFound',
      'terminal',
    ],
    [
      'a record gone under a write',
      apiException(404, { reason: 'NotFound', details: of('workspaces', 'phi') }),
      'Conflict',
      'retryable',
    ],
    [
      '403',
      apiException(403, { reason: 'Forbidden', message: 'nodes is forbidden' }),
      'Forbidden',
      'terminal',
    ],
    [
      'a namespace going away, by cause',
      apiException(403, { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } }),
      'NamespaceTerminating',
      'retryable',
    ],
    [
      'a namespace going away, by text',
      apiException(403, {
        message: 'unable to create new content in namespace a because it is being terminated',
      }),
      'NamespaceTerminating',
      'retryable',
    ],
    ['422', apiException(422, { reason: 'Invalid' }), 'Invalid', 'terminal'],
    ['400', apiException(400, { reason: 'BadRequest' }), 'Invalid', 'terminal'],
    ['413', apiException(413, undefined), 'Invalid', 'terminal'],
    [
      'an unknown field in an apply',
      apiException(500, {
        message: 'failed to create typed patch object (a/b; v1, Kind=C): .x: field not declared in schema',
      }),
      'Invalid',
      'terminal',
    ],
    ['410', apiException(410, { reason: 'Expired' }), 'Expired', 'terminal'],
    [
      'a refused connection',
      new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }),
      'ClusterUnreachable',
      'retryable',
    ],
    ['no answer in time', new DOMException('timeout', 'TimeoutError'), 'ClusterUnreachable', 'retryable'],
    ['half an answer', new SyntaxError('Unexpected end of JSON input'), 'ClusterUnreachable', 'retryable'],
  ];
  for (const [what, thrown, code, kind] of rows) {
    it(`calls ${what} ${code}`, () => {
      const error = translate(thrown);
      assert.equal(error.code, code);
      assert.ok(kind === 'retryable' ? error instanceof Retryable : error instanceof Terminal);
      assert.match(error.message, /list nodes in cluster main/);
    });
  }

  it('keeps the wait that the server asks for, by header or by Status', () => {
    const byHeader = translate(apiException(429, {}, { 'Retry-After': '7' }));
    const byStatus = translate(apiException(429, { details: { retryAfterSeconds: 3 } }));
    assert.deepEqual(
      [byHeader, byStatus].map((error) => error instanceof Retryable && error.retryAfterSeconds),
      [7, 3],
    );
  });

  it('names every faulty field of an invalid object', () => {
    const causes = [
      { reason: 'FieldValueInvalid', field: 'spec.replicas', message: 'Invalid value: -1' },
      { reason: 'FieldValueRequired', field: 'spec.selector', message: 'Required value' },
    ];
    const { message } = translate(
      apiException(422, { reason: 'Invalid', message: 'is invalid', details: { causes } }),
    );
    assert.match(message, /spec\.replicas: Invalid value: -1/);
    assert.match(message, /spec\.selector: Required value/);
  });

  it('says why a connection failed', () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND gone.azmk8s.io'), { code: 'ENOTFOUND' });
    assert.match(translate(new TypeError('fetch failed', { cause })).message, /getaddrinfo ENOTFOUND/);
  });

  it('repeats no token', () => {
    const leak = apiException(500, { message: 'bad header Authorization: Bearer abcdefghijk' });
    assert.doesNotMatch(translate(leak).message, /abcdefghijk/);
  });

  it('does not take a DOMException’s number for an HTTP status', () => {
    const error = new DOMException('x', 'AbortError');
    assert.equal(typeof error.code, 'number');
    assert.equal(translate(error).code, 'ClusterUnreachable');
  });

  it('lets our own errors through', () => {
    const own = new Terminal('Forbidden', { message: 'no' });
    assert.equal(translate(own), own);
  });
});

describe('absence', () => {
  const answers: [string, number, StatusFacts | string, boolean][] = [
    ['the named object', 404, { details: of('workspaces', 'phi') }, true],
    ['its namespace', 404, { details: of('namespaces', 'a') }, false],
    ['its whole type', 404, '404 page not found\n', false],
    ['nothing: it is forbidden', 403, { details: of('workspaces', 'phi') }, false],
  ];
  for (const [what, code, body, absent] of answers) {
    it(`is told when what is missing is ${what}: ${absent}`, () => {
      const text = typeof body === 'string' ? body : JSON.stringify({ kind: 'Status', ...body });
      assert.equal(isObjectAbsent({ code, body: text, headers: {} }), absent);
    });
  }
});
