import { expect, test } from 'vitest';
import { printKills, runKills } from '../end-to-end/kill-run.ts';
import { KINDS, type Kind } from '../end-to-end/kill-schedule.ts';

const SERVICES = 4;
/** For each service, of all kinds in turn: 64 in all. */
const KILLS = 16;

test('64 kills -9 at random moments of random contacts', { timeout: 720_000 }, async () => {
  const seed = Number(process.env.KILLS_SEED ?? Date.now() % 1e6);
  console.log(`KILLS_SEED=${seed}`);
  const kinds: Kind[] = Array.from({ length: KILLS }, (_, n) => KINDS[n % KINDS.length] as Kind);
  const run = await runKills(seed, Array(SERVICES).fill(kinds));
  printKills(run);
  expect(run.wrong).toEqual([]);
  expect(run.kills).toBeGreaterThanOrEqual(60);
});
