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
  ['A, flat', ({ wire, status = 400 }) => ({ body: { details: null, ...wire }, status })],
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
    ({ wire: { code, message, subcode } }) => ({
      body: {
        code: 'ReconcileVMSSAgentPoolFailed',
        message: `VMSSAgentPoolReconciler retry failed: Code="${code}"${subcode === undefined ? '' : ` SubCode="${subcode}"`} Message="${message}"`,
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
        const { code, class: kind, retryAfterSeconds, message, remedy } = classifyAzureError(toFacts(one));
        assert.equal(code, one.expected.code);
        assert.equal(kind, one.expected.class);
        if (one.expected.retryAfterSeconds !== undefined) {
          assert.equal(retryAfterSeconds, one.expected.retryAfterSeconds);
        }
        assert.ok(message.length > 0);
        assert.ok((remedy ?? '').length > 20, 'says what to do');
      });
    }
  }

  it('has a case for every row', () => {
    const reached = new Set(errorCases.map(({ expected }) => expected.code));
    const missing = errorTable.map(({ code }) => code).filter((code) => !reached.has(code));
    assert.deepEqual(missing, []);
  });

  const figures: [what: string, wire: ErrorCase['wire'], told: RegExp[]][] = [
    [
      'the AKS resource provider',
      {
        code: 'ErrCode_InsufficientVCPUQuota',
        message:
          'Insufficient vcpu quota requested 24, remaining 8 for family standardNCADSA100v4Family for region eastus. Surge nodes would also consume vcpu quota',
      },
      [/standardNCADSA100v4Family in eastus/, /24 vCPUs needed/, /8 left/, /fallback-instance-types/],
    ],
    [
      'Compute',
      {
        code: 'OperationNotAllowed',
        message:
          'Operation could not be completed as it results in exceeding approved Standard NCASv3_T4 Family Cores quota. Additional details - Deployment Model: Resource Manager, Location: westus3, Current Limit: 48, Current Usage: 40, Additional Required: 24, (Minimum) New Limit Required: 64.',
      },
      [/Standard NCASv3_T4 Family in westus3/, /limit 48, 40 used/, /limit of at least 64/],
    ],
    [
      'Compute, of spot',
      {
        code: 'OperationNotAllowed',
        message:
          'exceeding approved LowPriorityCores quota. Location: eastus, Current Limit: 3, Current Usage: 0, Additional Required: 24',
      },
      [/LowPriorityCores in eastus/, /limit of at least 24/, /spot-then-on-demand/],
    ],
    [
      'Compute, of the region',
      {
        code: 'QuotaExceeded',
        message:
          'exceeding approved Total Regional Cores quota. Location: eastus, Current Limit: 100, Current Usage: 90, Additional Required: 24',
      },
      [/Total Regional Cores in eastus/, /limit 100, 90 used/, /cluster in another region/],
    ],
  ];
  for (const [who, wire, told] of figures) {
    for (const [shape, toFacts] of shapes) {
      it(`tells family, figures and the way out of a quota refusal by ${who} (${shape})`, () => {
        const { remedy = '' } = classifyAzureError(
          toFacts({ situation: who, wire, expected: { code: '', class: '' } }),
        );
        for (const part of [/az quota update/, ...told]) assert.match(remedy, part);
      });
    }
  }

  it('makes no figures up for a quota refusal without any', () => {
    const { remedy = '' } = classifyAzureError({ body: { code: 'QuotaExceeded', message: 'No quota.' } });
    assert.match(remedy, /^Ask for more vCPU quota: request a limit in the Azure portal/);
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
      remedy:
        "Look at the agent pool in the activity log of the cluster's resource group; Slipway tries again once.",
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
