import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig([
  globalIgnores(['node_modules', 'labextension/lib', 'jupyter_starcoder', 'coverage', '**/*.js']),
  js.configs.recommended,
  tseslint.configs.recommended,
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  {
    files: ['labextension/src/**/*.ts'],
    languageOptions: {
      globals: globals.browser,
      // The tests are no part of what is built, but they are checked like it.
      parserOptions: { project: './labextension/tsconfig.spec.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      curly: ['error', 'all'],
      eqeqeq: 'error'
    }
  },
  prettier
]);
