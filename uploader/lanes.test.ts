import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rows } from '../test/uploader/rig.ts';
import { Lanes } from './lanes.ts';

let rows: Rows;
beforeEach(() => {
  rows = new Rows();
});
afterEach(() => rows.close());

const sequences = (of: readonly { sequence: number }[]) => of.map(({ sequence }) => sequence);

it('reads anew what took the place of others, and what is live stays live', () => {
  rows.append(4);
  const busy = new Set<number>();
  const lanes = new Lanes(rows.outbox, (sequence) => busy.has(sequence));
  lanes.split();
  rows.append(3);
  lanes.appended();
  for (const { sequence } of [...lanes.backlog(2), ...lanes.live(1)]) busy.add(sequence);
  expect([...busy]).toEqual([1, 2, 5]);
  rows.outbox.drop([3], 'size', () => {});
  lanes.rewritten();
  expect(sequences(lanes.live(9))).toEqual([6, 7]);
  expect(sequences(lanes.backlog(9))).toEqual([3, 4]);
  lanes.inOrder();
  lanes.rewritten();
  expect([sequences(lanes.live(9)), sequences(lanes.backlog(9))]).toEqual([[], [3, 4, 6, 7]]);
});
