import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What replay-safe and pure code may not touch: the clock, chance, the environment and the network. */
const impure = ['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto'];
const noImpureGlobals = [
  'error',
  ...impure.map((name) => ({ name, message: 'Pure code takes this as an argument.' })),
];
const noClockOrChance = [
  'error',
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time comes in as an argument.',
  },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Time comes in as an argument.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Pure code has no chance.',
  },
];

export default tseslint.config(
  { ignores: ['dist/**', '.slipway/**', '.test/**', 'node_modules/**', '.dependency-cruiser.cjs'] },
  eslint.configs.recommended,
  { files: ['**/*.ts'], extends: [tseslint.configs.strictTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 450 }],
      'max-params': 'off',
      '@typescript-eslint/max-params': ['error', { max: 4 }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: [
      'functions/orchestrators/**/*.ts',
      'shared/workspace/**/*.ts',
      'shared/planning/**/*.ts',
      'shared/manifests/**/*.ts',
      'shared/events/**/*.ts',
      'shared/lifecycle/**/*.ts',
    ],
    rules: { 'no-restricted-globals': noImpureGlobals, 'no-restricted-syntax': noClockOrChance },
  },
  {
    files: ['infra/**/*.ts', 'test/**/*.ts', 'cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:test's describe and it return promises that its runner awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['describe', 'it', 'test', 'suite'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
