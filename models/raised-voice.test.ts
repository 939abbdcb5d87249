import { describe, expect, test } from 'vitest';
import { ChannelUsual, RaisedTimes } from './raised-voice.ts';

const USUAL = { pitch: 150, effort: -8, level: -30 };
const SHOUT = { pitch: 220, effort: -2, level: -18 };

/** A channel that has heard each voice for so many seconds. */
function heard(...voices: readonly (readonly [voice: typeof USUAL, seconds: number])[]): ChannelUsual {
  const usual = new ChannelUsual();
  for (const [voice, seconds] of voices) for (let n = 0; n < seconds * 4; n++) usual.learn(voice);
  return usual;
}

describe('what is usual on a channel', () => {
  test('is not known before 10 s of voice', () => {
    expect(heard([USUAL, 9.5]).above(SHOUT)).toBe(false);
    expect(heard([USUAL, 10]).above(SHOUT)).toBe(true);
  });

  test.each(['pitch', 'effort', 'level'] as const)('without the %s a voice is not raised', (usual) => {
    expect(heard([USUAL, 20]).above({ ...SHOUT, [usual]: USUAL[usual] })).toBe(false);
  });

  test('is a median: a few odd values move nothing', () => {
    const odd = { pitch: 480, effort: 20, level: -5 };
    expect(heard([USUAL, 20], [{ ...odd, level: -60 }, 5]).above(SHOUT)).toBe(true);
  });

  test('is learnt from raised voices, too, but slowly', () => {
    expect(heard([USUAL, 60], [SHOUT, 200]).above(SHOUT)).toBe(true);
    expect(heard([USUAL, 60], [SHOUT, 300]).above(SHOUT)).toBe(false);
  });

  test('follows another microphone within five minutes of voice, and what came before is forgotten', () => {
    const near = { ...USUAL, level: -15 };
    const usual = heard([USUAL, 300], [near, 301]);
    expect(usual.above({ ...SHOUT, level: -12 })).toBe(false);
    expect(usual.above({ ...SHOUT, level: -9 })).toBe(true);
  });
});

/** r: raised; c: calm; .: nobody. A letter is a quarter of a second. */
function timesOf(letters: string) {
  const times = new RaisedTimes();
  for (const [n, letter] of [...letters].entries())
    times.add({ from: n / 4, to: (n + 1) / 4, voiced: letter !== '.', above: letter === 'r' });
  return times.times();
}

describe('raised for long enough', () => {
  test.each([
    ['two seconds', 'ccrrrrrrrrcccc', [[0.5, 2.5]]],
    ['still going on', 'ccrrrrrrrr', [[0.5, 2.5]]],
    ['a loud word', 'cccrrrrrrrcccccc', []],
    ['over a pause for breath', 'rrrr....rrrr.....', [[0, 3]]],
    ['two words far apart', 'rrrr.....rrrr', []],
    ['with a calmer word in it', 'rrrrccrrrrccc', [[0, 2.5]]],
    ['broken off', 'rrrrcccrrrrccc', []],
    [
      'twice',
      'rrrrrrrrccccrrrrrrrr',
      [
        [0, 2],
        [3, 5],
      ],
    ],
    ['never', 'cc..cc', []],
  ])('%s', (_, letters, times) => {
    expect(timesOf(letters)).toEqual(times);
  });

  test.each([
    ['a long', 42, [[10, 12]]],
    ['no', 12, [[10, 12.25]]],
  ])('%s time that nobody heard in the midst of it', (_, again, times) => {
    const raised = new RaisedTimes();
    const add = (from: number) => raised.add({ from, to: from + 0.25, voiced: true, above: true });
    for (let from = 10; from < 12; from += 0.25) add(from);
    add(again);
    expect(raised.times()).toEqual(times);
  });
});
