import { expect, test } from 'vitest';
import { CaError } from './errors.ts';
import { createLog, withoutCredentials } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(createLog('info', { write: (text) => lines.push(text) }));
  return JSON.parse(lines.join(''));
}

test('secrets and what a person could be known by are redacted, deep inside as well', () => {
  const line = logged((log) =>
    log.info({ password: 'p', mqtt: { password: 'p' }, a: { b: { token: 't' } }, receptionist: 'Anna' }, 'x'),
  );
  expect(JSON.stringify(line)).not.toMatch(/"(p|t|Anna)"/);
  expect(line.mqtt).toEqual({ password: '[redacted]' });
});

test('an error is logged with its code, its remedy and its causes, URLs without their password', () => {
  const cause = new Error('rtsp://admin:hunter2@10.0.0.2/cam: 401');
  const line = logged((log) =>
    log.warn({ err: new CaError('CA_CAMERA_LOST', 'the camera is gone', { cause }) }, 'x'),
  );
  expect(line.err).toMatchObject({
    code: 'CA_CAMERA_LOST',
    message: 'the camera is gone',
    remedy: expect.stringContaining('Check the camera'),
    cause: { message: 'rtsp://[redacted]@10.0.0.2/cam: 401' },
  });
  expect(JSON.stringify(line)).not.toContain('hunter2');
});

test('credentials are taken out of any URL', () => {
  expect(withoutCredentials('see mqtts://u:p@h:1 and http://h/@x')).toBe(
    'see mqtts://[redacted]@h:1 and http://h/@x',
  );
});
