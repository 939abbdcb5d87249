import { beforeAll, expect, test } from 'vitest';
import { loadEngine } from './engine.ts';
import { type ExpressionNet, loadExpressionNet } from './expression.ts';

let express: ExpressionNet;
beforeAll(async () => {
  express = await loadExpressionNet((await loadEngine()).tf);
});

// What face-api 1.7.15 itself says of two pictures that are easily made: every layer has to be right to agree.
test.each([
  {
    value: (n: number) => (n * 7) % 256,
    neutral: 0.67888,
    happy: 0.10274,
    sad: 0.04092,
    angry: 0.0623,
    fearful: 0.00152,
    disgusted: 0.00213,
    surprised: 0.11151,
  },
  {
    value: (n: number) => (n % 3) * 100,
    neutral: 0.43967,
    happy: 0.0537,
    sad: 0.3892,
    angry: 0.04526,
    fearful: 0.01104,
    disgusted: 0.00126,
    surprised: 0.05986,
  },
])('the net agrees with the library its weights come from', ({ value, ...expected }) => {
  const picture = {
    width: 112,
    height: 112,
    rgb: Uint8Array.from({ length: 112 * 112 * 3 }, (_, n) => value(n)),
  };
  const found = express(picture, { x: 0, y: 0, side: 112 });
  const rounded = Object.fromEntries(Object.entries(found).map(([name, p]) => [name, Number(p.toFixed(4))]));
  for (const [name, p] of Object.entries(expected)) expect(rounded[name], name).toBeCloseTo(p, 3);
});
