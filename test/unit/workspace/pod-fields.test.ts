import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { podFieldsFile, podFieldsText } from '../../../infra/crds/generate-pod-fields.ts';
import { readWorkspace, validateCreate, validateUpdate } from '../../../shared/workspace/validate.ts';
import { document } from '../planning/workspaces.ts';
import { source, tune, type Draft } from './create-cases.ts';
import { assertFault, faultsOf } from './faults.ts';

const container = { name: 'server', image: 'ghcr.io/me/server:1' };
const template = (spec: object, rest: object = {}): Draft => ({
  inference: { preset: undefined, template: { spec: { containers: [container], ...spec }, ...rest } },
});
const at = 'inference.template.spec';
const volume = 'inference.adapters[0].source.volumeSource';
const withVolume = (volumeSource: object) => source({ name: 'a', volumeSource });

const refused: readonly [what: string, draft: Draft, field: string, reason: string, remedy: RegExp][] = [
  ['a misspelt field', template({ toleration: [] }), `${at}.toleration`, 'Invalid', /mean tolerations/],
  [
    'a misspelt field of a container',
    template({ containers: [{ ...container, comand: ['x'] }] }),
    `${at}.containers[0].comand`,
    'Invalid',
    /mean command/,
  ],
  [
    'a foreign field beside the spec',
    template({}, { status: {} }),
    'inference.template.status',
    'Invalid',
    /metadata, spec/,
  ],
  [
    'a number for an environment variable',
    template({ containers: [{ ...container, env: [{ name: 'A', value: 5 }] }] }),
    `${at}.containers[0].env[0].value`,
    'TypeInvalid',
    /quotes/,
  ],
  [
    'a port in quotes',
    template({ containers: [{ ...container, ports: [{ containerPort: '80' }] }] }),
    `${at}.containers[0].ports[0].containerPort`,
    'TypeInvalid',
    /write a number/,
  ],
  [
    'a map for a list',
    template({ containers: container }),
    `${at}.containers`,
    'TypeInvalid',
    /write a list/,
  ],
  ['a text for an object', template({ affinity: 'gpu' }), `${at}.affinity`, 'TypeInvalid', /write an object/],
  [
    'a flag for a label',
    template({}, { metadata: { labels: { a: true } } }),
    'inference.template.metadata.labels[a]',
    'TypeInvalid',
    /quotes/,
  ],
  [
    'a misspelt kind of volume',
    withVolume({ emptydir: {} }),
    `${volume}.emptydir`,
    'Invalid',
    /mean emptyDir/,
  ],
  ['the name of a volume', withVolume({ name: 'x' }), `${volume}.name`, 'Invalid', /known fields/],
  [
    'a misspelt field of a volume',
    withVolume({ persistentVolumeClaim: { claim: 'x' } }),
    `${volume}.persistentVolumeClaim.claim`,
    'Invalid',
    /claimName/,
  ],
  [
    'two kinds of volume',
    withVolume({ emptyDir: {}, hostPath: { path: '/x' } }),
    volume,
    'Forbidden',
    /keep one/,
  ],
  [
    'a misspelt volume of training data',
    tune({ input: { volumeSource: { nfs: { host: 'a' } } } }),
    'tuning.input.volumeSource.nfs.host',
    'Invalid',
    /server/,
  ],
  [
    'a misspelt volume for results',
    tune({ output: { volumeSource: { pvc: {} } } }),
    'tuning.output.volumeSource.pvc',
    'Invalid',
    /persistentVolumeClaim/,
  ],
];

describe('a pod template or volume', () => {
  for (const [what, draft, field, reason, remedy] of refused) {
    it(`is refused with its field for ${what}`, () => {
      const result = validateCreate(document(draft));
      assertFault(result, field, reason, /./);
      assert.match(faultsOf(result).find((fault) => fault.field === field)?.remedy ?? '', remedy);
    });
  }

  it('may hold whatever Kubernetes knows', () => {
    const resources = { limits: { 'nvidia.com/gpu': 1, memory: '8Gi' }, requests: { cpu: 0.5 } };
    const rich = template(
      {
        containers: [
          {
            ...container,
            resources,
            livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 5 },
            env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } }],
          },
        ],
        volumes: [{ name: 'v', emptyDir: { sizeLimit: 1024, medium: null } }],
        affinity: null,
        securityContext: { runAsUser: 0 },
        nodeSelector: { a: 'b' },
      },
      { metadata: { labels: { a: 'b' }, creationTimestamp: null } },
    );
    const result = validateCreate(document(rich));
    assert.ok(result.ok, JSON.stringify(result));
    const claim = withVolume({ persistentVolumeClaim: { claimName: 'x', readOnly: true } });
    assert.ok(validateCreate(document(claim)).ok);
    assert.ok(validateCreate(document(withVolume({}))).ok, 'an empty directory');
  });

  it('is looked at again when it is changed, and left alone in a stored record', () => {
    const odd = document(template({ ofTomorrow: true }));
    assertFault(validateUpdate(document(template({})), odd), `${at}.ofTomorrow`, 'Invalid', /unknown field/);
    assert.ok(readWorkspace(odd).ok);
  });

  it('is known by the fields of the client library as it is installed', () =>
    assert.equal(
      readFileSync(podFieldsFile, 'utf8'),
      podFieldsText(),
      'run: node infra/crds/generate-pod-fields.ts',
    ));
});
