import { defineConfig } from 'vitest/config';

/** A time zone in which it is about noon: nothing that counts by the local day runs over midnight. */
const hours = 12 - new Date().getUTCHours();
const TZ = `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;

/** They put something else in the place of a module, or measure the memory of their process. */
const ALONE = [
  'device/recording/{incoming-clip,sealed-writer,vault-format}.test.ts',
  'drivers/line-protocol/line-protocol.test.ts',
];

/** What a browser is shown computes, and stands with the others. */
const TIMED = ['test/end-to-end/!(demo|manager).test.ts', 'test/recording/!(muxer|vault)*.test.ts'];

/** A machine that stood still for a moment is no fault of the service's; a fault fails each time. */
const common = { testTimeout: 30_000, hookTimeout: 60_000, env: { TZ }, retry: 2 };

// Unit tests stand beside their file; what starts processes, brokers and browsers lives in test/.
export default defineConfig({
  test: {
    projects: [
      {
        // Not isolated: loading the modules anew for each file takes longer than running them.
        test: {
          ...common,
          name: 'units',
          include: ['{device,drivers,models,uploader,config,systemd}/**/*.test.ts'],
          exclude: ALONE,
          isolate: false,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'rooms',
          include: ['test/**/*.test.ts', ...ALONE],
          exclude: [...TIMED, 'test/long/**', 'test/hardware/**'],
          // Many of them wait: for a process, a broker, a port that comes back.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // They live by the wall clock, mostly waiting: four at a time, and nothing that computes beside them.
        test: {
          ...common,
          name: 'timed',
          include: TIMED,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
