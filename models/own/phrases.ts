import { CaError } from '../../device/errors.ts';

/** A phrase as it is looked for: its wordings, in words. */
export interface Phrase {
  readonly name: string;
  readonly wordings: readonly (readonly string[])[];
}

/** Scripts that are written without spaces: each sign is taken for a word. */
const SIGNS = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
const WORD = new RegExp(String.raw`[${SIGNS}]|(?:(?![${SIGNS}])[\p{L}\p{M}\p{N}])+`, 'gu');
const APOSTROPHES = /['’ʼ]/gu;

/**
 * The words of a text, comparable: recognisers write capitals or none, with or without punctuation, "ё" or "е".
 * Upper case comes first because it alone makes "ss" of "ß".
 */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKC').replace(APOSTROPHES, '').replace(/ё/gu, 'е').replace(/Ё/gu, 'Е');
  return (plain.match(WORD) ?? []).map((word) => word.toUpperCase().toLowerCase());
}

/** @throws CaError CA_MODEL_INVALID for a phrase that nobody can say */
export function phrasesOf(phrases: Readonly<Record<string, readonly string[]>>): Phrase[] {
  return Object.entries(phrases).map(([name, texts]) => {
    const wordings = texts.map(wordsOf);
    if (wordings.length === 0 || wordings.some((words) => words.length === 0))
      throw new CaError('CA_MODEL_INVALID', `the phrase ${name} has a wording without words`, {
        remedy: 'Give it the words that are said, written out, without abbreviations.',
      });
    return { name, wordings };
  });
}

/**
 * Finds phrases in the text of a recogniser while it grows. Each occurrence is told once, as soon as the word behind it
 * begins or the stretch ends: until then "good" may still become "goodness". A phrase may go on behind the end of a
 * stretch, since recognisers cut long speech anywhere. Remembers no more words than the longest wording has.
 */
export class PhraseSpotter {
  readonly #phrases: readonly Phrase[];
  readonly #longest: number;
  /** The last words that were complete, and how many have been in all. */
  #recent: string[] = [];
  #count = 0;
  /** By phrase, the word behind its last occurrence: occurrences do not overlap. */
  readonly #from = new Map<string, number>();
  /** Words of this stretch that have been taken, and those behind them. */
  #taken = 0;
  #pending: readonly string[] = [];

  constructor(phrases: readonly Phrase[]) {
    this.#phrases = phrases;
    this.#longest = Math.max(0, ...phrases.flatMap(({ wordings }) => wordings.map((words) => words.length)));
  }

  /** `text`: the whole stretch so far. Returns the names of what was found now, as often as it was found. */
  read(text: string): string[] {
    const words = wordsOf(text);
    const complete = words.slice(this.#taken, -1);
    this.#taken += complete.length;
    this.#pending = words.slice(this.#taken);
    return complete.flatMap((word) => this.#take(word));
  }

  /** The stretch is over, and its last word complete. The next text begins from nothing. */
  end(): string[] {
    const rest = this.#pending;
    this.#taken = 0;
    this.#pending = [];
    return rest.flatMap((word) => this.#take(word));
  }

  #take(word: string): string[] {
    this.#recent = [...this.#recent, word].slice(-this.#longest);
    this.#count++;
    const found = this.#phrases.filter(({ name, wordings }) => {
      const free = this.#count - (this.#from.get(name) ?? 0);
      return wordings.some((words) => words.length <= free && this.#endsWith(words));
    });
    for (const { name } of found) this.#from.set(name, this.#count);
    return found.map(({ name }) => name);
  }

  #endsWith(words: readonly string[]): boolean {
    const from = this.#recent.length - words.length;
    return from >= 0 && words.every((word, index) => this.#recent[from + index] === word);
  }
}
