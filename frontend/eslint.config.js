// Lint rules. The layer rules below are the architecture: who may import whom (docs in README.md).
import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { noImportCircle } from './lint/no-import-circle.js';

/** Files in `src/<layer>/` may not import the named sibling layers. */
const layer = (name, forbidden, { allowCodeMirror = false } = {}) => ({
  files: [`src/${name}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...forbidden.map((other) => ({
            group: [`../${other}`, `../${other}/*`, `../${other}.ts`],
            message: `src/${name} must not know src/${other}.`,
          })),
          ...(allowCodeMirror
            ? []
            : [
                {
                  group: ['@codemirror/*', '@lezer/*'],
                  message: 'Only src/editor knows CodeMirror.',
                },
              ]),
        ],
      },
    ],
  },
});

const untrustedText = ['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({
  property,
  message: 'Output is untrusted: build nodes and use textContent.',
}));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'src/contract.d.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { local: { rules: { 'no-import-circle': noImportCircle } } },
    rules: {
      'local/no-import-circle': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-restricted-properties': ['error', ...untrustedText],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@codemirror/*', '@lezer/*'], message: 'Only src/editor knows CodeMirror.' },
          ],
        },
      ],
    },
  },
  layer('domain', ['api', 'state', 'editor', 'ui', 'effects', 'storage', 'words']),
  layer('api', ['state', 'editor', 'ui', 'effects', 'storage']),
  layer('state', ['api', 'editor', 'ui', 'effects', 'storage']),
  layer('editor', ['api', 'state', 'ui', 'effects', 'storage'], { allowCodeMirror: true }),
  layer('ui', ['api', 'effects', 'storage']),
  layer('share', ['editor', 'effects', 'storage', 'app']),
  {
    files: ['src/api/**/*.ts', 'src/domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'localStorage', 'sessionStorage'],
    },
  },
  {
    files: ['src/early.js'],
    languageOptions: {
      globals: { document: 'readonly', localStorage: 'readonly', matchMedia: 'readonly' },
    },
  },
  {
    files: ['dev/*.mjs', 'scripts/*.mjs', 'lint/*.js', '*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
      },
    },
  },
);
