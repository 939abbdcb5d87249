import { expect, test } from 'vitest';
import { runDelivery } from '../delivery/run.ts';

const CONTACTS = 5_000;
const CHAOS = 90_000;
const SETTLE = 90_000;
/** After so long (ms) no further round is begun: the last one must not end by the time limit, which says nothing. */
const BEGIN = 360_000;

test(`${CONTACTS} contacts through random faults`, { timeout: 720_000 }, async () => {
  const first = Number(process.env.DELIVERY_SEED ?? Date.now() % 1e6);
  const begun = performance.now();
  let contacts = 0;
  for (let seed = first; contacts < CONTACTS && performance.now() - begun < BEGIN; seed++) {
    // Every other broker keeps on its disk what it has.
    const run = await runDelivery({ seed, chaos: CHAOS, settle: SETTLE, persistent: seed % 2 === 1 });
    const faults = Object.values(run.faults).reduce((sum, n) => sum + n, 0);
    console.log(
      `DELIVERY_SEED=${seed}: ${run.contacts} contacts, ${run.events} events, ${faults} faults, settled in ${run.settled} ms`,
    );
    expect(run.wrong, `DELIVERY_SEED=${seed}`).toEqual([]);
    contacts += run.contacts;
  }
  expect(contacts, `contacts made in ${BEGIN / 60_000} minutes: too slow a machine`).toBeGreaterThanOrEqual(
    CONTACTS,
  );
});
