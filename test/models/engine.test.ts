import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The whole way from the native library to the health. A process of its own: in this one an earlier test may have put
 * back into `util` what the library needs of it, and Node has taken away.
 */
test('the native engine is taken where it is installed; log and health say so', () => {
  const file = (name: string) => join(import.meta.dirname, name);
  const args = ['--import', file('native-in-place.ts'), file('scorer-health.ts')];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
  const [logged, ...rest] = lines.map((line): unknown => JSON.parse(line));
  const engine = { engine: 'tfjs-node', reason: 'the native library loads' };
  expect(logged).toMatchObject({ ...engine, msg: 'the face scorer is ready' });
  expect(rest.at(-1)).toMatchObject({ found: 1, status: 'ok', detail: engine });
});
