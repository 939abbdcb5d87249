import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { loadVoiceModel } from './voice-model.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with a model whose `score` has this body. */
function voice(
  body: string,
  card = "id: 'loud', version: '1', licence: 'MIT', inputs: { sampleRate: 16000, window: 0.5 }",
) {
  const folder = mkdtempSync(join(tmpdir(), 'voice-'));
  folders.push(folder);
  writeFileSync(join(folder, 'voice.mjs'), `export default { ${card}, score(samples) { ${body} } };`);
  return folder;
}

const HALF_SECOND = 8000;
const level = (value: number) => new Float32Array(HALF_SECOND).fill(value);

test('its answer is brought to 1; it may take its time, and do what it likes to its samples', async () => {
  const body = `const [first] = samples; samples.fill(9);
    return Promise.resolve({ negative: 3 * first, neutral: samples.length / 8000, positive: 0, more: 'ignored' });`;
  const model = await loadVoiceModel(voice(body));
  expect(model.use).toEqual({ id: 'loud', version: '1', licence: 'MIT' });
  expect(model.window).toBe(0.5);
  const samples = level(1);
  expect(await model.score(samples)).toEqual({ negative: 0.75, neutral: 0.25, positive: 0 });
  expect(samples).toEqual(level(1));
  expect(await model.score(level(0))).toEqual({ negative: 0, neutral: 1, positive: 0 });
  await expect(model.score(new Float32Array(10))).rejects.toThrow('10 samples instead of 8000');
});

test('an answer that is none is an error once, then no score, and does not spoil the good ones', async () => {
  const body = `if (samples[0] === 1) throw new Error('no such luck');
    return { negative: samples[0] === 0.5 ? NaN : 0, neutral: 1, positive: 0 };`;
  const model = await loadVoiceModel(voice(body));
  await expect(model.score(level(0.5))).rejects.toMatchObject({
    code: 'CA_MODEL_INVALID',
    message: expect.stringMatching(/voice\.mjs: the model loud answered: negative: /),
  });
  expect(await model.score(level(1))).toBeNull();
  expect(await model.score(level(0.5))).toBeNull();
  expect(await model.score(level(0))).toEqual({ negative: 0, neutral: 1, positive: 0 });
});

const CARD = "id: 'loud', version: '1', licence: 'MIT', inputs: { sampleRate: 16000, window: 0.5 }";
test.each([
  ['fails', "throw new Error('no such luck')", CARD, 'the model loud failed: no such luck'],
  ['says nothing', '', CARD, 'the model loud answered: Invalid input'],
  ['says less than nothing', 'return { negative: -1, neutral: 1, positive: 1 }', CARD, 'answered: negative'],
  ['says nothing for certain', 'return { negative: 0, neutral: 0, positive: 0 }', CARD, 'all three are 0'],
  ['does not parse', '}}', CARD, 'voice.mjs: '],
  ['has no licence', '', CARD.replace("licence: 'MIT',", ''), 'voice.mjs: licence: '],
  ['wants another rate', '', CARD.replace('16000', '8000'), 'inputs.sampleRate: '],
  ['has a setting that nobody knows', '', `${CARD}, speed: 3`, 'speed'],
])('a model that %s is refused at start', async (_what, body, card, why) => {
  await expect(loadVoiceModel(voice(body, card))).rejects.toMatchObject({
    code: 'CA_MODEL_INVALID',
    message: expect.stringContaining(why),
  });
});

test('a folder without a model is refused, and all mistakes of a card are told at once', async () => {
  await expect(loadVoiceModel('/none')).rejects.toMatchObject({ code: 'CA_MODEL_INVALID' });
  const wrong = loadVoiceModel(
    voice('', "id: 'Not an id', version: '1', licence: '', inputs: { sampleRate: 16000, window: 0 }"),
  );
  await expect(wrong).rejects.toThrow(/id: .*; licence: .*; inputs\.window: /);
});
