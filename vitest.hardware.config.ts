import { defineConfig } from 'vitest/config';

/** What boots computers under QEMU: `npm run test:hardware`. */
export default defineConfig({
  test: {
    include: ['test/hardware/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 400_000,
    maxWorkers: 2,
  },
});
