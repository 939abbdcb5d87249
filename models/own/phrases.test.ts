import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PhraseSpotter, phrasesOf, wordsOf } from './phrases.ts';

const spotter = (phrases: Record<string, readonly string[]>) => new PhraseSpotter(phrasesOf(phrases));

test('case, punctuation, apostrophes and spelling that recognisers differ in do not matter', () => {
  expect(wordsOf("  Don't SHOUT,  please! ")).toEqual(['dont', 'shout', 'please']);
  expect(wordsOf('всё-таки ЁЛКА')).toEqual(['все', 'таки', 'елка']);
  expect(wordsOf('Straße')).toEqual(wordsOf('STRASSE'));
  expect(wordsOf('你好 ok')).toEqual(['你', '好', 'ok']);
});

test('a phrase is found when its last word is complete, across the growth of the text', () => {
  const it = spotter({ greeting: ['good morning', 'hello'], bad: ['morn'] });
  expect(it.read('GOOD')).toEqual([]);
  expect(it.read('GOOD MORN')).toEqual([]);
  expect(it.read('GOOD MORNING')).toEqual([]);
  expect(it.read('GOOD MORNING HELLO')).toEqual(['greeting']);
  expect(it.read('GOOD MORNING HELLO')).toEqual([]);
  expect(it.end()).toEqual(['greeting']);
  expect(it.end()).toEqual([]);
});

test('parts of words are not words', () => {
  const it = spotter({ bad: ['ass', 'go away'] });
  expect([...it.read('the class will go awaywards and pass'), ...it.end()]).toEqual([]);
});

test('a phrase that the recogniser cuts in two is found, its occurrences do not overlap', () => {
  const it = spotter({ twice: ['no no'] });
  expect([...it.read('well no'), ...it.end()]).toEqual([]);
  expect([...it.read('no'), ...it.end()]).toEqual(['twice']);
  expect([...it.read('no'), ...it.end()]).toEqual([]);
  expect([...it.read('no'), ...it.end()]).toEqual(['twice']);
});

test('wordings of one phrase that begin alike are one occurrence', () => {
  const it = spotter({ greeting: ['good morning', 'good morning to you', 'morning to'] });
  expect([...it.read('good morning to you all'), ...it.end()]).toEqual(['greeting']);
});

test('text that is taken back is not told twice', () => {
  const it = spotter({ a: ['a'] });
  expect(it.read('a b')).toEqual(['a']);
  expect(it.read('')).toEqual([]);
  expect([...it.read('a b'), ...it.end()]).toEqual([]);
});

test('phrases that nobody can say are refused', () => {
  for (const wordings of [[], ['hello', '…!']])
    expect(() => phrasesOf({ greeting: wordings })).toThrow(
      expect.objectContaining({ code: 'CA_MODEL_INVALID', message: expect.stringContaining('greeting') }),
    );
});

test('words of words are the same words', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(wordsOf(wordsOf(text).join(' '))).toEqual(wordsOf(text));
    }),
  );
});

const speech = fc.array(fc.constantFrom('a', 'b', 'c', 'ab'), { maxLength: 30 });
const wording = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });

test('however the text grows and is cut, the same is found, and what is found was said', () => {
  fc.assert(
    fc.property(speech, wording, fc.infiniteStream(fc.nat({ max: 5 })), (said, words, steps) => {
      const phrase = { p: [words.join(' ')] };
      const whole = spotter(phrase);
      const all = [...whole.read(said.join(' ')), ...whole.end()];

      const bits = spotter(phrase);
      const found: string[] = [];
      let stretch = '';
      for (const letter of said.join(' ')) {
        stretch += letter;
        const step = steps.next().value;
        if (step > 0) found.push(...bits.read(stretch));
        if (step === 1 && letter === ' ') {
          found.push(...bits.end());
          stretch = '';
        }
      }
      found.push(...bits.read(stretch), ...bits.end());
      expect(found).toEqual(all);

      // As often as it can be taken out from the left.
      const marked = (list: readonly string[]) => list.map((word) => `<${word}>`).join('');
      expect(all.length).toBe(marked(said).split(marked(words)).length - 1);
    }),
  );
});
