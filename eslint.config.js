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

const TESTS = '**/*.test.{ts,tsx}';

/** Look-ahead lives in labels, splits and training: inference must not be able to reach them. */
const NO_FORESIGHT = {
  regex: '(^|/)models/(labels|splits|training)(/|$)',
  message: 'trading/ must not see labels, splits or training.',
};
const NO_COMMAND_LINE = {
  regex: '^(\\.\\./)+(signalbox|command-line)\\.ts$',
  message: 'The command line wires; nobody imports it.',
};
const NO_PACKAGES = { regex: '^[^.]', message: 'features/ is pure: no packages, no I/O.' };
const NO_OTHER_PACKAGES = { ...NO_PACKAGES, regex: '^(?!\\.|technicalindicators$)' };

/** The line of the folder table; `except` is what these files may import all the same. */
function tableOf(folder, except = '') {
  const allowed = MAY_IMPORT[folder];
  const barred = FOLDERS.filter((other) => other !== folder && !allowed.includes(other));
  return {
    regex: `^\\.\\.(/.*)?/${except}(${barred.join('|')})(/|$)`,
    message: `${folder}/ may import ${allowed.length === 0 ? 'no other folder' : allowed.join(', ')}.`,
  };
}

/** The keyword hides nothing at run time. A constructor has no other way. */
const NO_PRIVATE_KEYWORD = {
  selector:
    ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"], TSParameterProperty)[accessibility="private"]',
  message: 'Private members are named with #.',
};

/** Bars every way to import: declarations, `import()` and types by `import('...')`. */
function barring(...patterns) {
  const selectors = patterns.map(({ regex, message }) => ({
    selector: `:matches(ImportExpression > Literal, TSImportType Literal)[value=/${regex.replaceAll('/', '\\/')}/]`,
    message,
  }));
  return {
    'no-restricted-imports': ['error', { patterns }],
    'no-restricted-syntax': ['error', ...selectors, NO_PRIVATE_KEYWORD],
  };
}

/** Infra needs the nearest name too: pure text, of which there is one function. */
const NEAREST_NAME = '(?!features/expressions/nearest-name\\.ts$)';

// The last setting of a rule that matches a file replaces all before it, so each file gets its patterns in one place.
const importRules = Object.keys(MAY_IMPORT).flatMap((folder) => {
  const table = tableOf(folder, folder === 'infra' ? NEAREST_NAME : '');
  const barred = folder === 'trading' ? [table, NO_FORESIGHT] : [table];
  return [
    { files: [`${folder}/**/*.{ts,tsx}`], ignores: [TESTS], rules: barring(...barred, NO_COMMAND_LINE) },
    { files: [`${folder}/${TESTS}`], rules: barring(...barred) },
  ];
});

/** features/ takes no package but one in one room; its tests ask infra whether the reference data are there. */
const featureRules = [
  { files: ['features/**/*.{ts,tsx}'], rules: barring(tableOf('features'), NO_COMMAND_LINE, NO_PACKAGES) },
  { files: ['features/patterns/**/*.ts'], rules: barring(tableOf('features'), NO_COMMAND_LINE, NO_OTHER_PACKAGES) },
  { files: [`features/${TESTS}`], rules: barring(tableOf('features', '(?!infra/testing/requirements\\.ts$)')) },
];

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

/** The core knows the event's time alone. */
const NO_TIMER = { object: 'performance', property: 'now', message: 'The core knows no clock.' };

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', '.signalbox/**', 'coverage/**', 'notebooks/signalbox.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
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
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-syntax': ['error', NO_PRIVATE_KEYWORD],
    },
  },
  {
    files: ['features/**/*.{ts,tsx}', 'trading/**/*.{ts,tsx}'],
    ignores: [TESTS],
    rules: { 'no-restricted-properties': ['error', ...AMBIENT, ...INEXACT, NO_TIMER] },
  },
  {
    files: ['infra/config.ts', 'infra/clock.ts', TESTS, 'infra/testing/**'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: [TESTS, '**/*-contract.ts'], rules: { 'max-lines-per-function': 'off' } },
  ...importRules,
  ...featureRules,
);
