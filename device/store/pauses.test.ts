import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, StoredDesk } from '../../test/stand-ins/stored-desk.ts';
import type { Instant } from '../contacts/model.ts';

let desk: StoredDesk;
beforeEach(() => {
  desk = new StoredDesk();
});
afterEach(() => desk.end());

test('a pause is of one desk, can be made longer, and is ended', () => {
  expect(desk.store.pausedUntil('front')).toBeNull();
  desk.store.setPause('front', at(900), 'boot-1');
  expect(desk.store.pausedUntil('front')).toEqual(at(900));
  expect(desk.store.pausedUntil('back')).toBeNull();
  desk.store.setPause('front', at(1_800), 'boot-1');
  expect(desk.store.pausedUntil('front')).toEqual(at(1_800));
  desk.store.setPause('front', null, 'boot-1');
  expect(desk.store.pausedUntil('front')).toBeNull();
});

test('a restart in the same boot does not end it, whatever the wall clock says now', () => {
  desk.store.setPause('front', at(900), 'boot-1');
  desk.restart({ mono: at(60).mono, wall: at(60).wall + 86_400_000 });
  expect(desk.store.pausedUntil('front')).toEqual(at(900));
});

/** Seconds that are left of the pause when another boot begins at `now`. */
function leftAt(now: Instant): number {
  desk.restart(now, 'boot-2');
  const until = desk.store.pausedUntil('front');
  expect((until?.wall ?? 0) - now.wall).toBe((until?.mono ?? 0) - now.mono);
  return ((until?.mono ?? Number.NaN) - now.mono) / 1_000;
}

test('in another boot it ends by the wall clock, on the clocks of that boot', () => {
  desk.store.setPause('front', at(900), 'boot-1');
  expect(leftAt({ mono: 20_000, wall: at(300).wall })).toBe(600);
  expect(leftAt({ mono: 30_000, wall: at(1_000).wall })).toBe(-100);
});

test('in another boot whose clock is years behind it lasts no longer than was left at the last sign of life', () => {
  desk.store.setPause('front', at(900), 'boot-1');
  desk.store.alive(at(200));
  expect(leftAt({ mono: 20_000, wall: 0 })).toBe(700);
  // Signs of life of later boots say nothing of it.
  desk.store.alive({ mono: 800_000, wall: 1 });
  expect(leftAt({ mono: 10_000, wall: 0 })).toBe(700);
});

test('a pause begun in another boot replaces one of before', () => {
  desk.store.setPause('front', at(900), 'boot-1');
  desk.restart({ mono: 10_000, wall: at(300).wall }, 'boot-2');
  const until = { mono: 70_000, wall: at(360).wall };
  desk.store.setPause('front', until, 'boot-2');
  expect(desk.store.pausedUntil('front')).toEqual(until);
  desk.restart({ mono: 20_000, wall: 0 }, 'boot-2');
  expect(desk.store.pausedUntil('front')).toEqual(until);
});

test('a clock put right puts right when it ends in another boot', () => {
  desk.store.setPause('front', at(900), 'boot-1');
  desk.store.setPause('back', at(900), 'boot-0');
  desk.store.correctClock('boot-1', at(0).wall - at(0).mono + 3_600_000);
  expect(leftAt({ mono: 20_000, wall: at(3_600 + 600).wall })).toBe(300);
  expect(desk.store.pausedUntil('back')?.mono).toBeLessThan(0);
});
