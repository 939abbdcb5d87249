import { defineConfig } from 'vite';

/** Builds the page into what `device/review/app.ts` serves: `npm run page`. */
export default defineConfig({
  root: 'device/review/ui',
  cacheDir: '../../../.cache/vite',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../.cache/page',
    emptyOutDir: true,
    target: 'es2022',
    // The page may load nothing but files of its own (Content-Security-Policy in guard.ts).
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
