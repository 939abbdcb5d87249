import { expect, test } from 'vitest';
import { runDelivery } from './run.ts';
import { FAULTS, PARTS } from './schedule.ts';

test('each kind of fault, at random and several at once: every contact once, in order and whole', {
  timeout: 120_000,
}, async () => {
  const seed = Number(process.env.DELIVERY_SEED ?? Date.now() % 1e6);
  console.log(`DELIVERY_SEED=${seed}`);
  const run = await runDelivery({ seed, chaos: 22_000, settle: 45_000, persistent: false });
  console.log(`${run.contacts} contacts, ${run.events} events, settled in ${run.settled} ms`);
  expect(run.wrong).toEqual([]);
  expect(run.contacts).toBeGreaterThan(100);
  expect(run.presses).toBeGreaterThan(80);
  for (const part of PARTS)
    for (const kind of FAULTS[part]) expect(run.faults).toHaveProperty(`${part} ${kind}`);
});
