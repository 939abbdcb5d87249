import { defineConfig } from 'vitest/config';

// Unit tests stand beside their file; what starts processes, brokers and browsers lives in test/.
export default defineConfig({
  test: {
    include: ['{device,drivers,models,uploader,config,systemd,test}/**/*.test.ts'],
    exclude: ['test/hardware/**', 'test/long/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The end-to-end tests read times to the frame: two at once would starve each other on two cores.
    fileParallelism: false,
    passWithNoTests: false,
  },
});
