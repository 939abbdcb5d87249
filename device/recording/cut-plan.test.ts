import { expect, it } from 'vitest';
import { type Piece, planCut } from './cut-plan.ts';

/** Two seconds of pictures and sound, a key picture each second. */
function piece(n: number, with_: { video?: boolean; audio?: boolean } = {}): Piece {
  const [first, last] = [n * 2, n * 2 + 1.95];
  const video = { first, last, keys: [first, first + 1] };
  return {
    file: `${n}.ts`,
    index: {
      video: with_.video === false ? null : video,
      audio: with_.audio === false ? null : { first, last },
    },
  };
}
const pieces = (count: number, with_ = {}) => Array.from({ length: count }, (_, n) => piece(n, with_));

it('begins at the last key picture that leaves nothing out', () => {
  expect(planCut(pieces(10), 5.4, 8, 12.3)).toEqual({
    files: ['2.ts', '3.ts', '4.ts', '5.ts', '6.ts'],
    from: 5,
    to: 12.3,
    video: true,
  });
});

it('begins at the key picture before even when the moment lies between two segments', () => {
  expect(planCut(pieces(10), 3.98, 8, 12)?.from).toBe(3);
});

it('begins exactly where sound alone is asked for', () => {
  expect(planCut(pieces(10, { video: false }), 5.4, 8, 12)).toMatchObject({ from: 5.4, video: false });
});

it('does without sound', () => {
  expect(planCut(pieces(10, { audio: false }), 5.4, 8, 12)).toMatchObject({ from: 5, video: true });
});

it('begins with what there is when the capture began later, or had a gap there', () => {
  expect(planCut(pieces(10).slice(4), 5.4, 8.5, 12)?.from).toBe(8);
  expect(planCut([piece(0), ...pieces(10).slice(4)], 5.4, 8.5, 12)?.from).toBe(8);
});

it('begins with the sound when the pictures come later', () => {
  const plan = planCut([...pieces(4, { video: false }), ...pieces(10).slice(4)], 5.4, 6, 12);
  expect(plan).toMatchObject({ from: 5.4, video: true });
});

it('makes no clip of a contact of which there is nothing but the time before', () => {
  expect(planCut(pieces(4), 5.4, 8.5, 12)).toBeNull();
  expect(planCut([], 5.4, 8.5, 12)).toBeNull();
});
