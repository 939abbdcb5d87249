import { expect, test } from 'vitest';
import { combinedLevel, type Level, type SourceRule } from './sources.ts';

/** y: somebody is there; n: nobody; -: deaf. */
const of = (levels: string): Level[] => [...levels].map((level) => (level === '-' ? null : level === 'y'));
const said = (levels: string, rule: SourceRule) => {
  const level = combinedLevel(of(levels), rule);
  return level === null ? '-' : level ? 'y' : 'n';
};

test.each([
  ['y', 'y', 'y', 'y'],
  ['n', 'n', 'n', 'n'],
  ['yn', 'y', 'n', 'n'],
  ['ynn', 'y', 'n', 'n'],
  ['yyn', 'y', 'n', 'y'],
  // A deaf sensor is unknown, not absent: the others decide.
  ['y-', 'y', 'y', 'y'],
  ['n-', 'n', 'n', 'n'],
  ['yn-', 'y', 'n', 'n'],
  ['y--', 'y', 'y', 'y'],
  ['--', '-', '-', '-'],
  ['', '-', '-', '-'],
])('%s: any %s, all %s, majority %s', (levels, any, all, majority) => {
  expect([said(levels, 'any'), said(levels, 'all'), said(levels, 'majority')]).toEqual([any, all, majority]);
});
