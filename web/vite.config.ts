// Decides how the page is built and, while developing, which paths go to the server.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { firstChunks, languageParts, preloads } from './languages.mjs';

const server = 'http://127.0.0.1:5000';
const served = ['/auth', '/rooms', '/polls', '/candidates', '/vote'];

// Built by itself, so that it has only the words and the code that it needs, and the app's files stay as they are.
const isEmbed = (mode: string) => mode === 'embed';

export default defineConfig(({ mode }) => ({
  plugins: [react(), languageParts(), preloads()],
  build: {
    outDir: '../api/static',
    emptyOutDir: !isEmbed(mode),
    rollupOptions: {
      input: isEmbed(mode) ? 'embed.html' : 'index.html',
      ...(!isEmbed(mode) && { output: { codeSplitting: { groups: firstChunks } } }),
    },
    // Halls are full of old phones.
    target: 'es2020',
    // The server's policy refuses data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    // The first script asks for the rest as soon as it runs, so a browser without preloading loses little.
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      ...Object.fromEntries(served.map((path) => [path, server])),
      '/socket.io': { target: server, ws: true },
    },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
}));
