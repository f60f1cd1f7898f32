import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { describe, it } from 'node:test';

const heavy = /^@(azure|kubernetes)\//;

describe('cold start', () => {
  it('loads no Azure or Kubernetes SDK before the first call', async () => {
    const loaded: string[] = [];
    const hooks = registerHooks({
      resolve(specifier, context, next) {
        if (heavy.test(specifier)) loaded.push(specifier);
        return next(specifier, context);
      },
    });
    try {
      const { connectCluster } = await import('../../../shared/kubernetes/connect-cluster.ts');
      await import('../../../shared/provisioning/create-node-provisioner.ts');
      await import('../../../shared/azure/container-service.ts');
      await import('../../../shared/azure/cluster-access.ts');
      await import('../../../shared/azure/credential.ts');
      await import('../../../shared/config/settings.ts');
      assert.deepEqual(loaded, []);

      const access = { load: () => Promise.reject(new Error('not asked for yet')) };
      const definition = {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'a' },
      };
      await connectCluster({ name: 'main', access, definition });
      assert.deepEqual([...new Set(loaded)], ['@kubernetes/client-node']);
    } finally {
      hooks.deregister();
    }
  });
});
