import { expect, test } from 'vitest';
import type { Lamp } from '../../drivers/types.ts';
import { ManualClock } from '../clock.ts';
import { CaError } from '../errors.ts';
import { LampTest } from './lamp-test.ts';

/** A lamp on the bench: `deaf` times it does not do as it is told. */
function bench({ deaf = 0, reads = true, stuck = false } = {}) {
  const said: string[] = [];
  let lit = false;
  let failures = deaf;
  const lamp: Lamp = {
    name: 'led x',
    async set(wanted) {
      if (failures-- > 0) throw new CaError('CA_LAMP_FAILED', 'led x: not there', { remedy: 'Wire it.' });
      said.push(wanted ? 'lit' : 'off');
      lit = wanted || stuck;
    },
    read: async () => (reads ? lit : null),
    close: async () => void said.push('closed'),
  };
  const clock = new ManualClock();
  const tried = new LampTest('lamp', 'led', lamp, clock);
  return { said, clock, tried };
}

/** Lets promises that wait for nothing but each other go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function pass(clock: ManualClock, ms: number): Promise<void> {
  await settle();
  clock.advance(ms);
  await settle();
}

test('lit for a second, out, and read back both times', async () => {
  const { said, clock, tried } = bench();
  tried.blink();
  tried.blink();
  await settle();
  expect(tried.row()).toMatchObject({ state: 'LIT', verdict: 'NOTHING HEARD' });
  await pass(clock, 1_000);
  expect(tried.row()).toMatchObject({ state: 'off', verdict: 'OK', facts: ['blinked 1, read back'] });
  tried.blink();
  await pass(clock, 1_000);
  expect(tried.row().figures).toEqual({ blinks: 2, readBack: true });
  await tried.stop();
  expect(said).toEqual(['lit', 'off', 'lit', 'off', 'closed']);
  expect(clock.waiting()).toEqual([]);
});

test('one that fails is a fault, and tried again by itself', async () => {
  const { clock, tried } = bench({ deaf: 2 });
  tried.blink();
  await settle();
  expect(tried.row()).toMatchObject({ state: '?', verdict: 'FAULT', remedy: 'Wire it.' });
  await pass(clock, 2_000);
  await pass(clock, 2_000);
  await pass(clock, 1_000);
  expect(tried.row()).toMatchObject({ verdict: 'OK', remedy: null, lastFault: 'led x: not there' });
});

test('one that stays lit is a fault; one that cannot be read back is for the eye', async () => {
  const stuck = bench({ stuck: true });
  stuck.tried.blink();
  await pass(stuck.clock, 1_000);
  expect(stuck.tried.row()).toMatchObject({
    verdict: 'FAULT',
    lastFault: 'led x: is lit when it should not be',
  });
  const mute = bench({ reads: false });
  mute.tried.blink();
  await pass(mute.clock, 1_000);
  expect(mute.tried.row()).toMatchObject({
    verdict: 'OK',
    facts: ['blinked 1, cannot be read back: look at it'],
  });
});

test('stopped while it is lit, it is put out first; stopped while it fails, it is let go of', async () => {
  const lit = bench();
  lit.tried.blink();
  await settle();
  await lit.tried.stop();
  expect(lit.said).toEqual(['lit', 'off', 'closed']);
  const failing = bench({ deaf: 9 });
  failing.tried.blink();
  await settle();
  await failing.tried.stop();
  expect(failing.said).toEqual(['closed']);
  expect(failing.clock.waiting()).toEqual([]);
});
