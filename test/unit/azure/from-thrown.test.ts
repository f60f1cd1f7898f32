import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toProvisioningError } from '../../../shared/azure/from-thrown.ts';
import { ProvisioningError } from '../../../shared/provisioning/node-provisioner.ts';

const named = (name: string, message: string, fields: object = {}): Error =>
  Object.assign(new Error(message), { name }, fields);

describe('what the ARM SDK throws', () => {
  it('is classified by code and message when the whole body is not known', () => {
    const { failure } = toProvisioningError(
      named('RestError', 'Another operation (Updating) is in progress', {
        code: 'OperationNotAllowed',
        statusCode: 409,
      }),
    );
    assert.deepEqual([failure.class, failure.code], ['wait', 'OperationInProgress']);
  });

  it('keeps the wait of its headers', () => {
    const response = { headers: new Map([['retry-after', '9']]) };
    const { failure } = toProvisioningError(named('RestError', 'slow', { statusCode: 429, response }));
    assert.equal(failure.retryAfterSeconds, 9);
  });

  it('is a passing fault when no answer came', () => {
    const { failure } = toProvisioningError(
      named('RestError', 'connect ECONNREFUSED', { code: 'ECONNREFUSED' }),
    );
    assert.deepEqual([failure.class, failure.code], ['retry', 'AzureUnreachable']);
  });

  for (const name of ['CredentialUnavailableError', 'AggregateAuthenticationError', 'AuthenticationError']) {
    it(`asks a person to look at the identity after ${name}`, () => {
      const { failure } = toProvisioningError(named(name, 'no identity\nwith many lines'));
      assert.deepEqual(
        [failure.class, failure.code, failure.message],
        ['operator', 'CredentialUnavailable', 'no identity'],
      );
      assert.match(failure.remedy ?? '', /AZURE_CLIENT_ID/);
    });
  }

  it('is a passing fault even when it is no Error', () => {
    assert.equal(toProvisioningError('odd').failure.class, 'retry');
  });

  it('stays as it is when it is ours', () => {
    const own = new ProvisioningError({ class: 'bug', code: 'NotOurs', message: 'no' });
    assert.equal(toProvisioningError(own), own);
  });
});
