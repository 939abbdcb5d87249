import { expect, test } from 'vitest';
import { printKills, runKills } from './kill-run.ts';
import type { Kind } from './kill-schedule.ts';

/** More of them: `npm run test:long`. */
const DESKS: Kind[][] = [
  ['capture', 'all'],
  ['muxer', 'boot'],
];

test('kill -9 of ffmpeg and of the service: every contact is counted once and has its clip', {
  timeout: 120_000,
}, async () => {
  const seed = Number(process.env.KILLS_SEED ?? Date.now() % 1e6);
  console.log(`KILLS_SEED=${seed}`);
  const run = await runKills(seed, DESKS);
  printKills(run);
  expect(run.wrong).toEqual([]);
  expect(run.kills).toBeGreaterThanOrEqual(4);
});
