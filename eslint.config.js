import js from '@eslint/js'
import tseslint from 'typescript-eslint'

const browserGlobals = Object.fromEntries(
  [
    'document',
    'window',
    'navigator',
    'location',
    'localStorage',
    'fetch',
    'WebSocket',
    'RTCPeerConnection',
    'MediaStream',
    'HTMLElement',
    'HTMLVideoElement',
    'HTMLImageElement',
    'MutationObserver',
    'customElements',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'performance',
    'console',
    'URL',
    'URLSearchParams',
    'AbortController',
    'AbortSignal',
    'matchMedia',
    'requestAnimationFrame',
    'Event',
    'CustomEvent',
  ].map((name) => [name, 'readonly']),
)
const nodeGlobals = Object.fromEntries(
  [
    'process',
    'console',
    'Buffer',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'performance',
    'URL',
    'fetch',
    'AbortController',
    'AbortSignal',
  ].map((name) => [name, 'readonly']),
)

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'playwright-report'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/return-await': ['error', 'always'],
      '@typescript-eslint/no-non-null-assertion': 'off', // indexed reads of buffers whose length was checked
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: 'Set process.exitCode and let the parts close.' },
      ],
    },
  },
  { files: ['**/*.mjs', '**/*.js'], languageOptions: { globals: nodeGlobals } },
  {
    files: [
      'test/fakes/*-page.js',
      'test/interop/page/**/*.js',
      'test/network/page/**/*.js',
      'test/debian/page/**/*.js',
    ],
    languageOptions: { globals: browserGlobals },
  },
  // The type check of static/ knows the browser's names.
  { files: ['static/**/*.js'], rules: { 'no-undef': 'off' } },
)
