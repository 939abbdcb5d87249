import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faceCard } from './face-card.ts';
import { recogniserCard } from './recogniser.ts';
import { loadVoiceModel } from './voice-model.ts';

const README = readFileSync(new URL('README.md', import.meta.url), 'utf8');
const examples = (language: string) =>
  [...README.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);

test('the cards of the README are valid', () => {
  const [face, speech, ...none] = examples('json').map((text): unknown => JSON.parse(text));
  expect(faceCard.parse(face)).toEqual(face);
  expect(recogniserCard.parse(speech)).toEqual(speech);
  expect(none).toEqual([]);
});

test('the voice model of the README works', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'voice-'));
  try {
    writeFileSync(join(folder, 'voice.mjs'), examples('js')[0] ?? '');
    expect((await loadVoiceModel(folder)).use.id).toBe('example');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
