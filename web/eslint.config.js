// Decides what `npm run lint` refuses, the borders between folders included.
import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

import isolation from './isolation.js';

/** Refuses imports that match, in the files named. */
const border = (files, regex, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ regex, message }] }] },
});

export default defineConfig(
  globalIgnores(['node_modules', 'src/lib/generated']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat.recommended,
      jsxA11y.flatConfigs.strict,
    ],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { isolation },
    rules: {
      'isolation/isolated': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  { files: ['*.mjs'], languageOptions: { globals: { URL: false, console: false, process: false } } },
  // Declaration merging is the only way i18next learns its keys.
  { files: ['**/*.d.ts'], rules: { '@typescript-eslint/consistent-type-definitions': 'off' } },
  border(['src/lib/**'], '(features|components|app)/', 'lib/ knows nothing of the page.'),
  border(['src/components/**'], '(features|app)/', 'components/ knows no feature.'),
  border(
    ['src/features/**'],
    '^\\.\\./(?!\\.\\./)|features/|app/',
    'Features do not import each other: share through lib/ or components/, compose in app/.',
  ),
);
