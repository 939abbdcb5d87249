import { afterEach, describe, expect, test } from 'vitest';
import { at, readyClip, StoredDesk, WALL } from '../../test/stand-ins/stored-desk.ts';
import type { KeepPolicy } from '../contacts/keeping.ts';
import type { Instant, Tag } from '../contacts/model.ts';
import type { ClockTrust } from './records.ts';

const NEGATIVE: KeepPolicy = { keep: 'negative', sample: 0 };

let desk: StoredDesk;
afterEach(() => desk.end());

test('the first to go is the oldest of the least valuable: positive, neutral, unrated, reviewed negative, negative', () => {
  desk = new StoredDesk();
  const ids: string[] = [];
  const put = (tag: Tag, source: 'press' | 'reviewer' | null) => {
    const s = ids.length * 100;
    const id = `${tag}-${source}-${ids.length}`;
    desk
      .put({ id, kind: 'presence', present: true, at: at(s) })
      .gone(s + 20)
      .wait(s + 40);
    desk.store.addClip('front', readyClip(id), at(s + 41).wall);
    ids.push(id);
    const raw = desk.sql();
    raw.prepare('UPDATE contacts SET tag = ?, tag_source = ? WHERE id = ?').run(tag, source, id);
    raw.close();
  };
  for (let round = 0; round < 2; round++) {
    put('negative', 'press');
    put('negative', 'reviewer');
    put('unrated', null);
    put('neutral', 'press');
    put('positive', 'press');
  }
  const order: string[] = [];
  for (let least = desk.store.leastValuable(); least; least = desk.store.leastValuable()) {
    expect(least).toEqual({
      contactId: least.contactId,
      desk: 'front',
      file: `2026-01-05/${least.contactId}.mp4`,
      bytes: 4_194_304,
    });
    order.push(least.contactId);
    desk.store.clipDeleted(least.contactId, 'space', WALL);
  }
  const [n, r, u, o, p, n2, r2, u2, o2, p2] = ids;
  expect(order).toEqual([p, p2, o, o2, u, u2, r, r2, n, n2]);
});

test('a clip that waits is never the one to go for room', () => {
  desk = new StoredDesk(NEGATIVE).here(1).press(9, 'happy').gone(20).wait(22);
  desk.store.addClip('front', readyClip('e1'), at(24).wall);
  expect(desk.store.leastValuable()).toBeNull();
});

describe('clips that are too old', () => {
  const DAY = 86_400_000;
  /** A contact at second `s` with its clip, written down by such a clock. */
  function recorded(id: string, s: number, clock: ClockTrust): void {
    desk.clock = clock;
    desk.put({ id, kind: 'presence', present: true, at: at(s) });
    desk.gone(s + 20).wait(s + 60);
    desk.store.addClip('front', readyClip(id), at(s + 61).wall);
  }
  const expired = (now: Instant, trusted = true, age = DAY) =>
    desk.store.expiredClips(age, now, trusted).map(({ contactId }) => contactId);
  /** A later boot, in which the monotonic clock has just begun. */
  const later = (days: number): Instant => ({ mono: 1_000, wall: WALL + days * DAY });

  test('are those whose contact began before, the oldest first', () => {
    desk = new StoredDesk();
    recorded('a', 0, 'trusted');
    recorded('b', 100, 'corrected');
    desk.put(desk.restart(later(1), 'boot-2'));
    expect(expired(later(1))).toEqual([]);
    expect(expired({ mono: 1_000, wall: WALL + DAY + 1 })).toEqual(['a']);
    expect(expired(later(2))).toEqual(['a', 'b']);
    expect(expired(later(2), false)).toEqual([]);
  });

  test('are within one boot known by the monotonic clock, whatever the time of day', () => {
    desk = new StoredDesk();
    recorded('a', 0, 'untrusted');
    const old = { ...at(0), mono: at(0).mono + DAY };
    expect(expired(old, false)).toEqual([]);
    expect(expired({ ...old, mono: old.mono + 1 }, false)).toEqual(['a']);
    // After another boot it says nothing.
    desk.put(desk.restart(later(1), 'boot-2'));
    expect(expired({ mono: old.mono * 9, wall: WALL }, false)).toEqual([]);
  });

  test('were written down by a clock that stood in the past: they are as old as what came after them at least', () => {
    desk = new StoredDesk();
    recorded('first', 0, 'trusted');
    desk.put(desk.restart(later(1), 'boot-2'));
    recorded('a', 100, 'untrusted');
    desk.put(desk.restart(later(700), 'boot-3'));
    // By its own time it is 700 days old, as what came before it is; it may have been recorded a moment ago.
    expect(expired(later(700))).toEqual(['first']);
    recorded('b', (700 * DAY) / 1_000, 'trusted');
    expect(expired(later(701))).toEqual(['first']);
    expect(expired(later(701.001))).toEqual(['first', 'a', 'b']);
  });
});

describe('what a start finds without a clip', () => {
  test('is told with what it takes to make it, or to leave it', () => {
    desk = new StoredDesk(NEGATIVE).here(1).veto(9).gone(20).wait(40).here(50).press(55, 'unhappy');
    expect(desk.store.clipless('front')).toEqual([]);
    const start = desk.restart({ mono: 9, wall: WALL + 1e6 }, 'boot-2');
    // The open one has not ended before the desk has heard of the start; its clip may still be made.
    expect(desk.store.clipless('front').map(({ id }) => id)).toEqual(['e1']);
    expect([...desk.store.owedClips()]).toEqual(['e4']);
    desk.put(start);
    expect(desk.store.clipless('front')).toEqual([
      {
        ...{ id: 'e1', startedAt: at(1), endedAt: at(20), endReason: 'departed' },
        ...{ tag: 'unrated', tagSource: null, veto: true, thisBoot: false, there: false },
      },
      {
        ...{ id: 'e4', startedAt: at(50), endedAt: at(55), endReason: 'power-loss' },
        ...{ tag: 'negative', tagSource: 'press', veto: false, thisBoot: false, there: true },
      },
    ]);
    expect([...desk.store.owedClips()]).toEqual(['e4']);
    expect(desk.store.clipless('back')).toEqual([]);
    desk.store.addClip('front', readyClip('e4'), at(99).wall);
    expect(desk.store.clipless('front').map(({ id }) => id)).toEqual(['e1']);
    expect([...desk.store.owedClips()]).toEqual([]);
  });

  test('is owed no longer once it is known that it is not kept', () => {
    desk = new StoredDesk(NEGATIVE).here(1).gone(20).wait(22);
    expect([...desk.store.owedClips()]).toEqual(['e1']);
    desk.wait(40);
    expect([...desk.store.owedClips()]).toEqual([]);
    desk.here(50).press(55, 'unhappy');
    expect([...desk.store.owedClips()]).toEqual(['e3']);
    desk.veto(56);
    expect([...desk.store.owedClips()]).toEqual([]);
  });
});
