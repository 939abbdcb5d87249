import { defineConfig } from 'vitest/config';

/** They compute all the time; what is cut by the wall clock must not stand beside them. */
const DELIVERIES = ['test/long/{outage,clips-kills}.test.ts'];

const common = { testTimeout: 840_000, hookTimeout: 60_000, maxWorkers: 2 };

/** What takes too long for every day: `npm run test:long`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'recordings',
          include: ['test/long/**/*.test.ts'],
          exclude: DELIVERIES,
          // As in vitest.config.ts.
          retry: 1,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...common, name: 'deliveries', include: DELIVERIES, sequence: { groupOrder: 1 } } },
    ],
  },
});
