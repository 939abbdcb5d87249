import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSpeechDetectors } from './speech-detector.ts';

test('a model that is not there, or not the one, is refused with a remedy before native code sees it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ca-detector-'));
  const file = join(folder, 'net.onnx');
  const refusal = { code: 'CA_SCORER_FAILED', remedy: expect.stringContaining('systemd/setup.sh') };
  try {
    await expect(loadSpeechDetectors(file)).rejects.toMatchObject({ ...refusal, message: /missing/ });
    writeFileSync(file, 'half of a download');
    await expect(loadSpeechDetectors(file)).rejects.toMatchObject({ ...refusal, message: /not the one/ });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
