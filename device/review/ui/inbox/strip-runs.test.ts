import { expect, test } from 'vitest';
import { factsOf, runsOf } from './strip-runs.ts';

test('letters alike are one run', () => {
  expect(runsOf('nno-')).toEqual([
    { letter: 'n', from: 0, to: 0.5 },
    { letter: 'o', from: 0.5, to: 0.75 },
    { letter: '-', from: 0.75, to: 1 },
  ]);
  expect(runsOf('')).toEqual([]);
});

test('a raised voice is speech too, and what is not there is not said', () => {
  expect(factsOf({ face: 'nnpo', sound: 's.r.' })).toEqual({ negative: 0.5, speech: 0.5, raised: 0.25 });
  expect(factsOf({ face: null, sound: '' })).toEqual({ negative: null, speech: null, raised: null });
});
