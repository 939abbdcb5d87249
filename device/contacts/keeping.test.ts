import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type KeepPolicy, keeps } from './keeping.ts';
import type { Tag } from './model.ts';

const TAGS: Tag[] = ['positive', 'negative', 'neutral', 'unrated'];
const contact = (tag: Tag, veto = false, id = 'c') => ({ id, tag, tagSource: null, veto });

/** The tags that are kept, when all or none of the unrated are in the sample. */
const kept = (policy: KeepPolicy, veto = false) => TAGS.filter((tag) => keeps(policy, contact(tag, veto)));

test('each policy keeps its tags, with the sample of the unrated', () => {
  expect(kept({ keep: 'negative', sample: 0 })).toEqual(['negative']);
  expect(kept({ keep: 'negative', sample: 1 })).toEqual(['negative', 'unrated']);
  expect(kept({ keep: 'rated', sample: 0 })).toEqual(['positive', 'negative', 'neutral']);
  expect(kept({ keep: 'rated', sample: 1 })).toEqual(TAGS);
  expect(kept({ keep: 'all', sample: 0 })).toEqual(TAGS);
  expect(kept({ keep: 'none', sample: 1 })).toEqual([]);
});

test('a veto stands over all of them', () => {
  for (const keep of ['negative', 'rated', 'all', 'none'] as const)
    expect(kept({ keep, sample: 1 }, true)).toEqual([]);
});

test('what a reviewer has tagged was of use, whatever the tag: only a veto, or keeping none, stands over it', () => {
  const reviewed = { ...contact('positive'), tagSource: 'reviewer' as const };
  expect(keeps({ keep: 'negative', sample: 0 }, reviewed)).toBe(true);
  expect(keeps({ keep: 'negative', sample: 0 }, { ...reviewed, veto: true })).toBe(false);
  expect(keeps({ keep: 'none', sample: 0 }, reviewed)).toBe(false);
});

describe('the sample', () => {
  // Version 4 ids as `randomUUID` forms them, but the same in each run.
  const ids = Array.from({ length: 20_000 }, (_, n) => {
    const hex = createHash('sha256').update(`contact ${n}`).digest('hex').slice(0, 32);
    return hex.replace(/^(.{8})(.{4}).(.{3})(.)(.{3})(.{12})$/, (_all, a, b, c, d, e, f) => {
      const variant = '89ab'.charAt(Number.parseInt(d, 16) % 4);
      return `${a}-${b}-4${c}-${variant}${e}-${f}`;
    });
  });
  const chosen = (sample: number) =>
    ids.filter((id) => keeps({ keep: 'negative', sample }, contact('unrated', false, id)));

  test.each([0, 0.1, 0.5, 1])('of %d has that share', (share) => {
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Math.abs(chosen(share).length / ids.length - share)).toBeLessThan(share % 1 === 0 ? 1e-9 : 0.01);
  });

  test('is the same every time, and a larger one holds the smaller', () => {
    expect(chosen(0.1)).toEqual(chosen(0.1));
    const half = new Set(chosen(0.5));
    expect(chosen(0.1).every((id) => half.has(id))).toBe(true);
  });

  test.each([
    // Test vectors of FNV-1a, 32 bits (draft-eastlake-fnv, C code, fnv1a_32_vector).
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('is drawn by the FNV-1a of the id: "%s"', (id, hash) => {
    const drawn = (share: number) => keeps({ keep: 'rated', sample: share }, contact('unrated', false, id));
    expect([drawn(hash / 2 ** 32), drawn((hash + 1) / 2 ** 32)]).toEqual([false, true]);
  });
});
