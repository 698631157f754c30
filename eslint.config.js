import tseslint from 'typescript-eslint';

const FOLDERS = ['features', 'infra', 'pipelines', 'models', 'trading', 'backtest', 'notebooks'];

/** What each folder may import besides itself: the folder table of the design. */
const MAY_IMPORT = {
  features: [],
  infra: [],
  pipelines: ['features', 'infra'],
  models: ['features', 'infra', 'pipelines'],
  trading: ['features', 'infra', 'pipelines', 'models'],
  backtest: ['features', 'infra', 'pipelines', 'models', 'trading'],
};

/** Look-ahead lives in labels, splits and training: inference must not be able to reach them. */
const TRADING_MAY_NOT = '(^|/)models/(labels|splits|training)(/|$)';

const importRules = Object.entries(MAY_IMPORT).map(([folder, allowed]) => {
  const forbidden = FOLDERS.filter((other) => other !== folder && !allowed.includes(other));
  const patterns = [
    {
      regex: `^\\.\\.(/.*)?/(${forbidden.join('|')})(/|$)`,
      message: `${folder}/ may import ${allowed.length === 0 ? 'no other folder' : allowed.join(', ')}.`,
    },
    { regex: '(^|/)signalbox\\.ts$', message: 'The command line wires; nobody imports it.' },
  ];
  if (folder === 'trading') {
    patterns.push({ regex: TRADING_MAY_NOT, message: 'trading/ must not see labels, splits or training.' });
  }
  return { files: [`${folder}/**/*.ts`], rules: { 'no-restricted-imports': ['error', { patterns }] } };
});

/** Tests of features/ ask whether the reference data are there, and read nothing else of ours from outside. */
const featureTestRule = {
  files: ['features/**/*.test.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: '^\\.\\.(/.*)?/(infra/(?!testing/)|(pipelines|models|trading|backtest|notebooks)/)',
            message: 'features/ imports no other folder; its tests may use infra/testing.',
          },
        ],
      },
    ],
  },
};

const AMBIENT = [
  { object: 'Date', property: 'now', message: 'Time is the event’s time; edges take a clock from infra/clock.ts.' },
  { object: 'Math', property: 'random', message: 'Randomness comes from a seeded Random that is passed in.' },
  { object: 'process', property: 'env', message: 'infra/config.ts is the only reader of the environment.' },
];

const INEXACT = [
  'exp',
  'log',
  'pow',
  'sin',
  'cos',
  'tan',
  'tanh',
  'log2',
  'log10',
  'log1p',
  'expm1',
  'cbrt',
  'hypot',
].map((property) => ({ object: 'Math', property, message: 'Differs by machine: use features/arithmetic.ts.' }));

export default tseslint.config(
  { ignores: ['**/node_modules/**', 'dist/**', '.signalbox/**', 'coverage/**', 'notebooks/signalbox.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 4 }],
      'no-restricted-properties': ['error', ...AMBIENT],
      'no-console': 'error',
      eqeqeq: 'error',
      // Leaving members out of a copy by naming them beside the rest is the idiom.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['features/**/*.ts', 'trading/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-properties': ['error', ...AMBIENT, ...INEXACT] },
  },
  {
    files: ['infra/config.ts', 'infra/clock.ts', '**/*.test.ts', 'infra/testing/**'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['**/*.test.ts', '**/*-contract.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['features/**/*.ts'],
    ignores: ['**/*.test.ts', 'features/patterns/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^[^.]', message: 'features/ is pure: no packages, no I/O.' }] },
      ],
    },
  },
  ...importRules,
  featureTestRule,
);
