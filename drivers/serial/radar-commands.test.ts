import { expect, test } from 'vitest';
import { COMMAND, commandFrame, readAnswer } from './radar-commands.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

test("commands: the examples of the vendor's document", () => {
  expect(commandFrame(COMMAND.enable, Buffer.from([1, 0]))).toEqual(
    bytes('FDFCFBFA 0400 FF00 0100 04030201'),
  );
  expect(commandFrame(COMMAND.end)).toEqual(bytes('FDFCFBFA 0200 FE00 04030201'));
  expect(commandFrame(COMMAND.setBluetooth, Buffer.from([0, 0]))).toEqual(
    bytes('FDFCFBFA 0400 A400 0000 04030201'),
  );
  expect(commandFrame(COMMAND.multiTarget)).toEqual(bytes('FDFCFBFA 0200 9000 04030201'));
});

test('answers: the examples of the same', () => {
  expect(readAnswer(bytes('FDFCFBFA 0400 FE01 0000 04030201'), 0)).toEqual({
    frame: { kind: 'answer', command: 0xfe, ok: true, value: Buffer.alloc(0) },
    length: 14,
  });
  expect(readAnswer(bytes('00 FDFCFBFA 0C00 A001 0000 0001 0201 16240622 04030201'), 1)).toEqual({
    frame: { kind: 'answer', command: 0xa0, ok: true, value: bytes('0001 0201 16240622') },
    length: 22,
  });
  expect(readAnswer(bytes('FDFCFBFA 0400 6001 0100 04030201'), 0)).toMatchObject({ frame: { ok: false } });
});

test.each([
  ['FDFCFBFB 0400 FE01 0000 04030201', 'stray'],
  ['FDFCFBFA 0300 FE01 0000 04030201', 'broken'],
  ['FDFCFBFA 4100 FE01 0000 04030201', 'broken'],
  ['FDFCFBFA 0400 FE01 0000 04030202', 'broken'],
  ['FDFCFBFA 0400 FE01 0000 040302', 'unfinished'],
  ['FDFCFB', 'unfinished'],
  // Our own command, on a cable that echoes.
  ['FDFCFBFA 0400 FF00 0100 04030201', 'broken'],
])('%s is %s', (hex, found) => {
  expect(readAnswer(bytes(hex), 0)).toBe(found);
});
