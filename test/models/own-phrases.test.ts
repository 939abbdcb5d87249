import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPhraseFinder, type PhraseFinder } from '../../models/own/phrase-finder.ts';
import {
  type Piece,
  RATE,
  say,
  silence,
  writeRecogniser,
  writeTransducer,
} from '../stand-ins/tone-language.ts';

const root = mkdtempSync(join(tmpdir(), 'phrases-'));
afterAll(() => rmSync(root, { recursive: true }));

const CARD = {
  id: 'tones',
  version: '1.0',
  licence: 'MIT',
  kind: 'zipformer2Ctc',
  files: { model: 'model.onnx' },
  tokens: 'tokens.txt',
};

/** A folder with the recogniser of tones; what is given is put over its right card and metadata. */
function folderWith(card: object = {}, metadata: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(root, 'model-'));
  writeRecogniser(folder, metadata);
  writeFileSync(join(folder, 'card.json'), JSON.stringify({ ...CARD, ...card }));
  return folder;
}

/** A word of many syllables, but not of all that are said below. */
const long = Array.from({ length: 110 }, (_, n) => 'ing'.repeat(n + 1));
const PHRASES = { greeting: ['Good morning!', 'good day'], forbidden: ['shut up'], part: ['morn'], long };
const GREETING: Piece[] = ['▁GOOD', '▁MORN', 'ING'];

function heardIn(finder: PhraseFinder, sound: Float32Array[], chunk = RATE / 4): string[] {
  const listener = finder.begin();
  const samples = Float32Array.from(sound.flatMap((part) => [...part]));
  const found: string[] = [];
  for (let at = 0; at < samples.length; at += chunk)
    found.push(...listener.hear(samples.subarray(at, at + chunk)));
  listener.free();
  expect(listener.hear(samples)).toEqual([]);
  return found;
}

describe('a real recogniser', () => {
  let finder: PhraseFinder;
  beforeAll(async () => {
    finder = await loadPhraseFinder(folderWith(), PHRASES);
  });

  test('says what it is', () => {
    expect(finder.use).toEqual({ id: 'tones', version: '1.0', licence: 'MIT' });
  });

  test.each([[RATE / 4], [777], [60 * RATE]])('finds phrases in chunks of %i samples', (chunk) => {
    const sound = [
      silence(1),
      say(...GREETING),
      silence(1.5),
      say('▁SHUT', '▁UP', ...GREETING),
      silence(1.5),
    ];
    expect(heardIn(finder, sound, chunk)).toEqual(['greeting', 'forbidden', 'greeting']);
  });

  test('finds nothing in silence, noise and other words, and no part of a word', () => {
    let seed = 1;
    const noise = silence(3).map(() => {
      seed = (seed * 48_271) % 2_147_483_647;
      return (seed / 2_147_483_647 - 0.5) / 5;
    });
    expect(heardIn(finder, [silence(3), noise, silence(1)])).toEqual([]);
    expect(heardIn(finder, [say('▁UP', '▁SHUT', '▁MORN', 'ING', '▁GOOD'), silence(1.5)])).toEqual([]);
  });

  test('a phrase is told within the second behind it, without waiting for more words', () => {
    expect(heardIn(finder, [say(...GREETING), silence(1.2)])).toEqual(['greeting']);
  });

  test('speech without a pause is cut, but no phrase is lost by it', () => {
    // Each takes 1.6 s: a stretch ends after 30 s, in the midst of one.
    const times = 40;
    const found = heardIn(finder, [
      ...Array.from({ length: times }, () => say(...GREETING, '▁SHUT', '▁UP')),
      silence(2),
    ]);
    expect(found.filter((name) => name === 'greeting').length).toBe(times);
    expect(found.filter((name) => name === 'forbidden').length).toBe(times);
  });

  test('text does not grow for ever: a word that does not end is cut in two', () => {
    expect(heardIn(finder, [say(...Array<Piece>(120).fill('ING')), silence(2)])).toEqual(['long', 'long']);
  });

  test('two listeners do not hear each other', () => {
    const [one, other] = [finder.begin(), finder.begin()];
    expect(one.hear(say('▁SHUT'))).toEqual([]);
    expect(other.hear(Float32Array.from([...say('▁UP'), ...silence(1.5)]))).toEqual([]);
    expect(one.hear(Float32Array.from([...say('▁UP'), ...silence(1.5)]))).toEqual(['forbidden']);
  });
});

test('a transducer is listened to alike', async () => {
  const folder = mkdtempSync(join(root, 'transducer-'));
  writeTransducer(folder);
  const files = { encoder: 'encoder.onnx', decoder: 'decoder.onnx', joiner: 'joiner.onnx' };
  writeFileSync(join(folder, 'card.json'), JSON.stringify({ ...CARD, kind: 'transducer', files }));
  const finder = await loadPhraseFinder(folder, PHRASES);
  const sound = [silence(1), say(...GREETING, '▁SHUT', '▁UP'), silence(1.5), say(...GREETING), silence(1.5)];
  expect(heardIn(finder, sound)).toEqual(['greeting', 'forbidden', 'greeting']);
});

// From "without metadata" on, sherpa-onnx ends its process: that this one goes on is part of the test.
test.each<[string, () => string, RegExp]>([
  ['without a card', () => join(root, 'none'), /none\/card\.json: ENOENT/],
  ['whose card is no JSON', () => broken('card.json', '{'), /card\.json: .*JSON/],
  ['of an unknown kind', () => folderWith({ kind: 'whisper' }), /card\.json: kind: /],
  [
    'with the files of another kind',
    () => folderWith({ kind: 'transducer' }),
    /files\.encoder: .*files\.decoder: /,
  ],
  ['with files elsewhere', () => folderWith({ tokens: '../tokens.txt' }), /tokens: the name of a file/],
  [
    'with a file missing',
    () => folderWith({ files: { model: 'm.onnx' } }),
    /files\.model: .*m\.onnx cannot be read/,
  ],
  [
    'without metadata',
    () => folderWith({}, { decode_chunk_len: '' }),
    /use the model: 'decode_chunk_len' does not exist/,
  ],
  [
    'of NeMo that is none',
    () => folderWith({ kind: 'nemoCtc' }),
    /use the model: 'window_size' does not exist/,
  ],
  ['of Paraformer that is none', () => paraformer(), /use the model: 'vocab_size' does not exist/],
  ['that is no model', () => broken('model.onnx', 'no model'), /sherpa-onnx cannot use the model: .+/],
  ['with tokens missing', () => broken('tokens.txt', '<blk> 0\n'), /sherpa-onnx cannot use the model: .*at/],
  [
    'that makes no headway',
    () => folderWith({}, { decode_chunk_len: '0' }),
    /use the model: it makes no headway/,
  ],
  ['without a blank token', () => broken('tokens.txt', 'A 0\n'), /sherpa-onnx cannot use the model: .*<blk>/],
])('a model %s is refused', async (_what, folder, why) => {
  await expect(loadPhraseFinder(folder(), PHRASES)).rejects.toMatchObject({
    code: 'CA_MODEL_INVALID',
    message: expect.stringMatching(why),
  });
});

function broken(file: string, text: string): string {
  const folder = folderWith();
  writeFileSync(join(folder, file), text);
  return folder;
}

function paraformer(): string {
  return folderWith({ kind: 'paraformer', files: { encoder: 'model.onnx', decoder: 'model.onnx' } });
}
