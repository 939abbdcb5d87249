import { expect, test } from 'vitest';
import { CaError } from '../../device/errors.ts';
import type { Radar } from '../serial/radar-dialogue.ts';
import { setUp } from './set-up.ts';

/** Answers of a sensor, as hex by command; what it was told. The whole dialogue runs in test/drivers. */
function radar(answers: Record<number, string>) {
  const told: string[] = [];
  const said: Radar = {
    async ask(command, value = Buffer.alloc(0)) {
      told.push(`${command.toString(16)} ${value.toString('hex')}`.trim());
      return Buffer.from((answers[command] ?? '').replaceAll(' ', ''), 'hex');
    },
    tell: () => expect.unreachable(),
    configure: async (work) => void (await work()),
    first: () => true,
    refused: (what) => new CaError('CA_SENSOR_REFUSED', what),
  };
  return { said, told };
}

const OFF = { 165: '080504030201', 171: '0000' };
/** Gates 8 and 8, sensitivities of 20 and 25, 5 s: the example of the vendor's document, 2.2.4. */
const EX_WORKS = 'AA 08 08 08 141414141414141414 191919191919191919 0500';

test("what is set, in the bytes of the vendor's document", async () => {
  const { said, told } = radar({ ...OFF, 97: EX_WORKS });
  // It never takes it: the second reading ends it.
  let visits = 0;
  said.first = () => visits++ === 0;
  await expect(setUp(said, { gates: 2, threshold: 40 })).rejects.toMatchObject({ code: 'CA_SENSOR_REFUSED' });
  expect(told).toEqual([
    '61',
    '60 000002000000010002000000020001000000',
    '64 0000ffff0000010028000000020028000000',
    '61',
  ]);
});

test('sensitivities that cannot be set are not compared; what is right is not written', async () => {
  const right = 'AA 08 02 02 282828282828282828 000028282828282828 0100';
  const { said, told } = radar({ ...OFF, 97: right });
  await setUp(said, { gates: 2, threshold: 40 });
  await setUp(said, { gates: 2, threshold: null });
  expect(told).toEqual([...Array(2)].flatMap(() => ['61', '63', 'ab', 'a5 0100']));
});

test.each(['', 'AA', EX_WORKS.replace('AA', 'AB'), `${EX_WORKS}00`, EX_WORKS.slice(0, -4)])(
  'parameters that are none: %j',
  async (answer) => {
    const { said } = radar({ ...OFF, 97: answer });
    await expect(setUp(said, { gates: 2, threshold: null })).rejects.toMatchObject({
      code: 'CA_SENSOR_REFUSED',
    });
  },
);
