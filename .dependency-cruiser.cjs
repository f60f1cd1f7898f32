/** The import rules of docs/architecture.md, checked on the resolved module graph. */
const pure = '^shared/(workspace|planning|manifests|events|lifecycle|errors)/';
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'shared-knows-no-functions',
      severity: 'error',
      from: { path: '^(shared|presets)/' },
      to: { path: '^functions/' },
    },
    {
      name: 'only-functions-speak-to-the-host',
      severity: 'error',
      from: { pathNot: '^(functions|test)/' },
      to: { path: 'node_modules/(@azure/functions|durable-functions)/' },
    },
    {
      name: 'orchestrators-are-replay-safe',
      comment: 'pure code, activity names and the typed orchestration shell only',
      severity: 'error',
      from: { path: '^functions/orchestrators/' },
      to: {
        pathNot: [
          `${pure}`,
          '^functions/orchestrators/',
          '^functions/contracts/',
          'node_modules/durable-functions/',
        ],
      },
    },
    {
      name: 'pure-code-has-no-effects',
      severity: 'error',
      from: { path: pure },
      to: {
        pathNot: [
          pure,
          '^presets/',
          'node_modules/(yaml|zod|cloudevents|croner)/',
          '^(node:)?crypto$',
          'node_modules/@kubernetes/client-node/',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'platform-knows-no-app',
      severity: 'error',
      from: { path: '^infra/local/' },
      to: { path: '^(functions|shared|presets|cli)/' },
    },
    {
      name: 'app-knows-no-platform',
      severity: 'error',
      from: { path: '^(functions|shared|presets)/' },
      to: { path: '^(infra|test)/' },
    },
    { name: 'not-to-test', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
