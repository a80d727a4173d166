import { defineConfig } from 'vitest/config';
export default defineConfig({
  test: {
    environment: 'node',
    include: ['labextension/src/**/*.spec.ts'],
    server: { deps: { inline: [/@jupyterlab\//, /@jupyter\//, /@lumino\//, /@codemirror\//, /@rjsf\//, /@microsoft\//, /yjs/, /y-protocols/, /lib0/] } }
  }
});
