import { expect, test } from 'vitest';
import { printKills, runKills } from '../end-to-end/kill-run.ts';
import { KINDS, type Kind } from '../end-to-end/kill-schedule.ts';

const SERVICES = 4;
/** For each service of a round: with four rounds, 64 in all, of all kinds in turn. */
const KILLS = 4;

// Rounds of their own, so that a machine that stands still for a moment costs one of them again and not all.
test.each([0, 1, 2, 3])(
  '16 kills -9 at random moments of random contacts, round %i',
  {
    timeout: 300_000,
  },
  async (round) => {
    const seed = Number(process.env.KILLS_SEED ?? Date.now() % 1e6);
    console.log(`KILLS_SEED=${seed}`);
    const kinds = (service: number): Kind[] =>
      Array.from({ length: KILLS }, (_, n) => KINDS[(round + service + n) % KINDS.length] as Kind);
    const run = await runKills(
      seed,
      Array.from({ length: SERVICES }, (_, service) => kinds(service)),
    );
    printKills(run);
    expect(run.wrong).toEqual([]);
    expect(run.kills).toBeGreaterThanOrEqual(14);
  },
);
