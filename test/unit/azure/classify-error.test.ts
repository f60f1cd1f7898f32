import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AzureErrorFacts } from '../../../shared/azure/classify-error.ts';
import { classifyAzureError } from '../../../shared/azure/classify-error.ts';
import { errorTable } from '../../../shared/azure/error-table.ts';
import { FailureClass } from '../../../shared/provisioning/node-provisioner.ts';
import type { ErrorCase } from './error-cases.ts';
import { errorCases } from './error-cases.ts';

/** The shapes in which one error reaches us. */
const shapes: [string, (one: ErrorCase) => AzureErrorFacts][] = [
  ['A, flat', ({ wire, status = 400 }) => ({ body: { ...wire, details: null }, status })],
  [
    'B, under error',
    ({ wire, status = 400 }) => ({ body: { error: { ...wire, additionalInfo: [] } }, status }),
  ],
  [
    'B, in a detail of a template deployment',
    ({ wire, status = 400 }) => ({
      body: { error: { code: 'InvalidTemplateDeployment', message: 'See details.', details: [wire] } },
      status,
    }),
  ],
  ['C, nested in an asynchronous operation', ({ wire }) => ({ body: nested(wire) })],
  [
    'C, only inside the message text',
    ({ wire: { code, message } }) => ({
      body: {
        code: 'ReconcileVMSSAgentPoolFailed',
        message: `VMSSAgentPoolReconciler retry failed: Code="${code}" Message="${message}"`,
      },
    }),
  ],
  [
    'C, as JSON pasted into the message text',
    ({ wire }) => ({
      body: { code: 'ResourceOperationFailure', message: `failed: ${JSON.stringify({ error: wire })}` },
    }),
  ],
];

function nested(wire: ErrorCase['wire']): unknown {
  const inner = { code: 'ReconcileVMSSAgentPoolFailed', message: '', details: [wire] };
  return {
    code: 'ResourceOperationFailure',
    message: 'The resource operation completed with failure.',
    details: [inner],
  };
}

/** An HTTP status that tells the situation alone is not there in an asynchronous error. */
const synchronousOnly = new Set(['PoolChanged']);

describe('the error table', () => {
  for (const one of errorCases) {
    for (const [shape, toFacts] of shapes) {
      if (shape.startsWith('C') && synchronousOnly.has(one.expected.code)) continue;
      it(`understands ${one.situation} (${shape})`, () => {
        const { code, class: kind, retryAfterSeconds, message } = classifyAzureError(toFacts(one));
        assert.equal(code, one.expected.code);
        assert.equal(kind, one.expected.class);
        if (one.expected.retryAfterSeconds !== undefined) {
          assert.equal(retryAfterSeconds, one.expected.retryAfterSeconds);
        }
        assert.ok(message.length > 0);
      });
    }
  }

  it('has a case for every row', () => {
    const reached = new Set(errorCases.map(({ expected }) => expected.code));
    const missing = errorTable.map(({ code }) => code).filter((code) => !reached.has(code));
    assert.deepEqual(missing, []);
  });

  it('tells every failure that a person must act on what to do', () => {
    for (const row of errorTable.filter(({ class: kind }) => kind === 'operator' || kind === 'next-rung')) {
      assert.ok((row.remedy ?? '').length > 20, row.code);
    }
  });
});

describe('classifying an Azure error', () => {
  it('shows the message beside the telling code, not the wrapper’s', () => {
    const body = nested({ code: 'AllocationFailed', message: 'No capacity here.' });
    assert.equal(classifyAzureError({ body }).message, 'No capacity here.');
  });

  it('prefers the wait that the answer’s header names', () => {
    const headers = new Map([['retry-after', '12']]);
    const failure = classifyAzureError({
      body: { code: 'Throttled', message: 'please retry again in 47 seconds' },
      status: 429,
      header: (name) => headers.get(name),
    });
    assert.equal(failure.retryAfterSeconds, 12);
  });

  it('separates the throttling of Compute from that of ARM', () => {
    const body = {
      code: 'OperationNotAllowed',
      message: 'The server rejected the request.',
      details: [{ code: 'TooManyRequests', message: '{"operationGroup":"HighCostGet3Min"}' }],
    };
    assert.equal(classifyAzureError({ body }).code, 'ThrottledByCompute');
  });

  const byStatus: [number, string, string][] = [
    [401, 'AuthenticationFailed', 'retry'],
    [403, 'Forbidden', 'operator'],
    [404, 'NotFound', 'retry'],
    [408, 'AzureUnreachable', 'retry'],
    [409, 'OperationConflict', 'wait'],
    [412, 'PoolChanged', 'retry'],
    [418, 'InvalidRequest', 'bug'],
    [429, 'Throttled', 'wait'],
    [500, 'AzureFault', 'retry'],
    [503, 'AzureFault', 'retry'],
  ];
  for (const [status, code, kind] of byStatus) {
    it(`falls back on HTTP ${status} when the body tells nothing`, () => {
      const failure = classifyAzureError({ body: undefined, status, message: '<html>proxy</html>' });
      assert.deepEqual([failure.code, failure.class], [code, kind]);
    });
  }

  it('calls an unknown asynchronous failure a passing one', () => {
    const failure = classifyAzureError({ body: { code: 'SomethingNew', message: 'Odd.' } });
    assert.deepEqual(failure, {
      class: 'retry',
      code: 'UnknownFailure',
      message: 'Odd.',
      retryAfterSeconds: 60,
    });
  });

  it('keeps secrets out of the message and the message short', () => {
    const message = `see https://management.azure.com/op?s=SIGNED&h=HASH ${'x'.repeat(5000)}`;
    const failure = classifyAzureError({ body: { code: 'AllocationFailed', message } });
    assert.doesNotMatch(failure.message, /SIGNED|HASH/);
    assert.ok(failure.message.length < 1100);
  });

  it('takes any JSON without throwing, and always answers with a known class', () => {
    const classes = new Set<string>(Object.values(FailureClass));
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
        (body, status) => {
          const failure = classifyAzureError({ body, ...(status === undefined ? {} : { status }) });
          assert.ok(classes.has(failure.class));
          assert.ok(failure.code.length > 0);
        },
      ),
    );
  });

  it('finds a code at any depth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), (depth) => {
        let body: unknown = { code: 'ZonalAllocationFailed', message: 'none' };
        for (let level = 0; level < depth; level++)
          body = { code: 'Wrapper', message: 'see details', details: [body] };
        assert.equal(classifyAzureError({ body }).code, 'ZonalAllocationFailed');
      }),
    );
  });
});
