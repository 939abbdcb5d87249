import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { editConfig } from './edit.ts';

const FILE = `# The front desk.
device: clinic-1                      # its name

recording:
  capture: counts   # nothing more
  # keep: negative
  sample: 0.1                         # a tenth

vault:
  key: { credential: device-key }     # see systemd
  age: 90d                            # (default) older ones go
# cards: { "0004711": r-1 }
desks:
  front:
    buttons:
      happy: { rating: 5, tag: positive }
      shift1: { does: shift, receptionist: r-1 }   # the early one
    inputs:
      - driver: scripted
`;

/** The lines that are not the same. */
function changed(before: string, after: string): [string[], string[]] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return [a.filter((line) => !b.includes(line)), b.filter((line) => !a.includes(line))];
}
const edit = (path: string[], value: string | number | undefined, text = FILE) =>
  editConfig(text, [{ path, value }]);

test('a value is changed where it stands, and its comment stays in its column', () => {
  expect(changed(FILE, edit(['vault', 'age'], '120d'))).toEqual([
    ['  age: 90d                            # (default) older ones go'],
    ['  age: 120d                           # (default) older ones go'],
  ]);
  expect(edit(['recording', 'capture'], 'audio+video')).toContain('capture: audio+video # nothing more\n');
});

test('a value between braces', () => {
  expect(edit(['desks', 'front', 'buttons', 'shift1', 'receptionist'], 'r-2')).toContain(
    '      shift1: { does: shift, receptionist: r-2 }   # the early one\n',
  );
});

test('a setting that was left to its default comes behind the others of its block', () => {
  expect(changed(FILE, edit(['vault', 'max'], '5GB'))).toEqual([[], ['  max: 5GB']]);
  expect(edit(['vault', 'max'], '5GB')).toContain('older ones go\n  max: 5GB\n# cards');
  expect(edit(['recording', 'keep'], 'all')).toContain('# a tenth\n  keep: all\n\nvault');
});

test('a block that there was not comes at the end', () => {
  expect(edit(['tablet', 'texts', 'pl', 'question'], 'Jak: tak?')).toBe(
    `${FILE}\ntablet:\n  texts:\n    pl:\n      question: "Jak: tak?"\n`,
  );
});

test('a card is a text, whatever it looks like', () => {
  expect(edit(['cards', '0004711'], 'r-1')).toBe(`${FILE}\ncards:\n  "0004711": r-1\n`);
});

test.each([
  ['cards:\n', 'cards:\n  "1": r-1\n'],
  ['cards: # none\n', 'cards: # none\n  "1": r-1\n'],
  ['cards: {}\n', 'cards: { "1": r-1 }\n'],
  ['cards: { "2": r-2 } # two\n', 'cards: { "2": r-2, "1": r-1 } # two\n'],
  ['cards:\r\n  "2": r-2\r\n', 'cards:\r\n  "2": r-2\r\n  "1": r-1\r\n'],
  ['cards:\n    "2": r-2 # two\n# end', 'cards:\n    "2": r-2 # two\n    "1": r-1\n# end'],
])('a card more: %j', (before, after) => {
  expect(edit(['cards', '1'], 'r-1', before)).toBe(after);
  // And away again.
  expect(parse(edit(['cards', '1'], undefined, after)).cards ?? {}).toEqual(parse(before).cards ?? {});
});

test.each([
  ['cards:\n  "1": r-1\n  "2": r-2\n', 'cards:\n  "2": r-2\n'],
  ['cards:\n  "1": r-1 # one\n', 'cards: {} # one\n'],
  ['cards: { "1": r-1, "2": r-2 }\n', 'cards: { "2": r-2 }\n'],
  ['cards: { "2": r-2, "1": r-1 }\n', 'cards: { "2": r-2 }\n'],
  ['cards: { "1": r-1 }\n', 'cards: {}\n'],
  ['a: 1\n', 'a: 1\n'],
])('a card less: %j', (before, after) => {
  expect(edit(['cards', '1'], undefined, before)).toBe(after);
});

test.each([
  // The last one goes: what is said above it, and of the block, stays.
  [
    'cards: # all\n  # of Monday\n  "1": r-1 # one\nvault: {}\n',
    'cards: {} # all\n  # of Monday\n  # one\nvault: {}\n',
  ],
  ['cards:\n  # of Monday\n\n  "1": r-1\n', 'cards: {}\n  # of Monday\n\n'],
  ['cards: {\n  # of Monday\n  "1": r-1, # one\n}\n', 'cards: {\n  # of Monday\n   # one\n}\n'],
])('the last card less, and no comment: %j', (before, after) => {
  expect(edit(['cards', '1'], undefined, before)).toBe(after);
});

test.each([
  ['cards:\n  "1": r-1\n  # two\n  "2": r-2\n', 'cards:\n  # two\n  "3": r-3\n  "4": r-4\n'],
  ['cards: { "1": r-1, "2": r-2 }\n', 'cards: { "3": r-3, "4": r-4 }\n'],
  ['cards: { "1": r-1, "5": r-5, "2": r-2 }\n', 'cards: { "5": r-5, "3": r-3, "4": r-4 }\n'],
  ['cards:\n  "1": r-1\n  "5": r-5\n  "2": r-2', 'cards:\n  "5": r-5\n  "3": r-3\n  "4": r-4'],
  ['cards:\n', 'cards:\n  "3": r-3\n  "4": r-4\n'],
  ['a: 1\n', 'a: 1\n\ncards:\n  "3": r-3\n  "4": r-4\n'],
])('several at once: %j', (before, after) => {
  const value = { '1': undefined, '2': undefined, '3': 'r-3', '4': 'r-4' };
  const edits = Object.entries(value).map(([card, who]) => ({ path: ['cards', card], value: who }));
  const put = editConfig(before, edits);
  expect(put.trimEnd()).toBe(after.trimEnd());
  expect(put.endsWith('\n')).toBe(before.endsWith('\n') || before === 'a: 1\n');
});

test('at the end of one block, and of the one around it', () => {
  const before = 'tablet:\n  texts:\n    pl:\n      question: a\n      thanks: b # c\n';
  const edits = [
    { path: ['tablet', 'port'], value: 1 },
    { path: ['tablet', 'texts', 'pl', 'thanks'], value: undefined },
    { path: ['tablet', 'texts', 'en', 'thanks'], value: 'd' },
    { path: ['cards', '1'], value: 'r-1' },
  ];
  expect(editConfig(before, edits)).toBe(
    'tablet:\n  texts:\n    pl:\n      question: a\n    en:\n      thanks: d\n  port: 1\n\ncards:\n  "1": r-1\n',
  );
});

test('200 cards, in, changed and out again, are read once each time', () => {
  const sample = readFileSync(new URL('raspberry-pi.yaml', import.meta.url), 'utf8');
  const all = (value: string | undefined) =>
    Array.from({ length: 200 }, (_, n) => ({ path: ['cards', String(100_000 + n)], value }));
  // A parse of the file for each of them takes seconds; the bound leaves room for a busy machine.
  const start = performance.now();
  const filled = editConfig(sample, all('r-1'));
  const changed = editConfig(filled, all('r-2'));
  const emptied = editConfig(changed, all(undefined));
  expect(performance.now() - start).toBeLessThan(1_000);
  expect(Object.keys(parse(filled).cards).length).toBe(200);
  expect(new Set(Object.values(parse(changed).cards))).toEqual(new Set(['r-2']));
  expect(parse(emptied).cards ?? {}).toEqual({});
});

test('what cannot be changed in its place is refused', () => {
  expect(() => edit(['vault', 'age', 'days'], 5)).toThrow(
    expect.objectContaining({ code: 'CA_CONFIG_UNWRITABLE' }),
  );
  expect(() => edit(['a', 'b'], 1, '- a\n')).toThrow(
    expect.objectContaining({ code: 'CA_CONFIG_UNWRITABLE' }),
  );
});

test('the sample of a real desk: any of the settings, and nothing else changes', () => {
  const sample = readFileSync(new URL('raspberry-pi.yaml', import.meta.url), 'utf8');
  const paths = [
    ['vault', 'age'],
    ['vault', 'max'],
    ['recording', 'keep'],
    ['recording', 'sample'],
    ['cards', '12'],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.oneof(fc.string(), fc.integer()), (path, value) => {
      const after = edit(path, value, sample);
      const [gone, come] = changed(sample, after);
      expect(gone.length).toBeLessThanOrEqual(1);
      expect(come.length).toBeLessThanOrEqual(2);
      for (const [comment] of sample.matchAll(/#.*$/gm)) expect(after).toContain(comment);
    }),
    { numRuns: 25 },
  );
});
