import type { Cause, CauseGroup } from '../../inbox/schema.ts';
import { causeName } from '../causes/name.ts';
import type { Language } from '../words.ts';

export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly group: CauseGroup;
}

/** Small letters without their signs: who types "laukimas ilgas" or "зубы" need not find each hook. */
const plain = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** The causes that are offered, by group, of which each typed word is a part; retired ones only while they are chosen. */
export function choices(
  causes: readonly Cause[],
  { typed, chosen, language }: { typed: string; chosen: readonly string[]; language: Language },
): Choice[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const groups = [...new Set(causes.map(({ group }) => group))];
  return causes
    .filter(({ id, retired, mergedInto }) => chosen.includes(id) || (!retired && mergedInto === null))
    .map((cause) => ({ id: cause.id, group: cause.group, name: causeName(cause, language) }))
    .filter(({ name }) => words.every((word) => plain(name).includes(word)))
    .sort(
      (a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || a.name.localeCompare(b.name, language),
    );
}
