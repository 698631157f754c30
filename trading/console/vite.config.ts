import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const COMPRESSED = /\.(?:js|css|html|svg|webmanifest)$/;

/**
 * The page is served as `index.html`, whatever its source is called. Each file stands beside itself as brotli and gzip:
 * the service compresses nothing while somebody waits.
 */
const readyToServe: Plugin = {
  name: 'ready-to-serve',
  apply: 'build',
  writeBundle: ({ dir }) => {
    renameSync(join(dir!, 'console.html'), join(dir!, 'index.html'));
    for (const name of readdirSync(dir!, { recursive: true, encoding: 'utf8' })) {
      const path = join(dir!, name);
      if (!COMPRESSED.test(name)) continue;
      const bytes = readFileSync(path);
      writeFileSync(`${path}.br`, brotliCompressSync(bytes));
      writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    }
  },
};

/** `vite build` writes `dist`; `vite` serves while one works on it, and asks a service on its usual port. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), readyToServe],
  build: {
    target: 'es2023',
    // The first that know light-dark(): what is written for older ones does not follow a switch of the colours.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    emptyOutDir: true,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      input: 'console.html',
      // What every screen takes is one file: 35 of them, six at a time, were there after 383 ms, this one after 121.
      output: { codeSplitting: { groups: [{ name: 'frame', tags: ['$initial'] }] } },
    },
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:4100', ws: true } } },
});
