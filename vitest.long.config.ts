import { defineConfig } from 'vitest/config';

/** What takes too long for every day: `npm run test:long`. */
export default defineConfig({
  test: { include: ['test/long/**/*.test.ts'], testTimeout: 840_000, hookTimeout: 60_000, maxWorkers: 2 },
});
