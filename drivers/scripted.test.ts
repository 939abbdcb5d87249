import { expect, test } from 'vitest';
import { ManualClock } from '../device/clock.ts';
import { ScriptedInput } from './scripted.ts';
import type { InputEvent } from './types.ts';

const START = { mono: 0, wall: 0 };

/** Events as `ms what`, from a script played for `ms` milliseconds. */
function played(script: ScriptedInput, clock: ManualClock, ms: number): string[] {
  const said: string[] = [];
  script.start((event: InputEvent) => {
    const what = event.kind === 'presence' ? event.present : event.kind === 'press' ? event.button : 'lost';
    said.push(`${event.at.mono} ${what}`);
  });
  clock.advance(ms);
  return said;
}

const STEPS = [
  { wait: 100, present: true },
  { wait: 50, press: 'good' },
  { wait: 0, press: 'good' },
  { wait: 200, present: false, press: 'bad' },
  { wait: 150 },
];

test('plays the steps at their times, and again', () => {
  const clock = new ManualClock(START);
  const script = new ScriptedInput(STEPS, true, clock);
  expect(played(script, clock, 700)).toEqual([
    '100 true',
    '150 good',
    '150 good',
    '350 false',
    '350 bad',
    '600 true',
    '650 good',
    '650 good',
  ]);
  expect(script.health().detail?.steps).toBe(8);
});

test('ends after the last step, or when stopped', async () => {
  const once = new ManualClock(START);
  expect(played(new ScriptedInput(STEPS, false, once), once, 10_000)).toHaveLength(5);
  expect(once.waiting()).toEqual([]);

  const clock = new ManualClock(START);
  const script = new ScriptedInput(STEPS, true, clock);
  expect(played(script, clock, 120)).toEqual(['100 true']);
  await script.stop();
  expect(clock.waiting()).toEqual([]);
});

test('a script that repeats in no time is refused', () => {
  const clock = new ManualClock(START);
  expect(() => new ScriptedInput([{ wait: 0, press: 'good' }], true, clock)).toThrow(/take no time/);
});
