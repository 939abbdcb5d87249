import { expect, it } from 'vitest';
import { continued, picture, sound, table } from '../../test/stand-ins/transport-stream.ts';
import { indexOf, spansIn } from './ts-index.ts';

const rounded = (times: readonly number[] | undefined) => times?.map((time) => Number(time.toFixed(3)));

it('reads the first and last moment of each stream, and the key pictures', () => {
  const index = indexOf(
    Buffer.concat([
      table(),
      picture({ at: 10, key: true, packets: 3 }),
      sound({ at: 9.9 }),
      picture({ at: 10.2 }),
      picture({ at: 10.1 }),
      sound({ at: 10.5 }),
      picture({ at: 11, key: true }),
    ]),
  );
  expect(rounded(index.video?.keys)).toEqual([10, 11]);
  expect(index.video?.first).toBeCloseTo(10, 4);
  expect(index.video?.last).toBeCloseTo(11, 4);
  expect(index.audio?.first).toBeCloseTo(9.9, 4);
  expect(index.audio?.last).toBeCloseTo(10.5, 4);
});

it('tells how far apart pictures are, and where there are none', () => {
  const times = [10, 10.2, 10.1, 10.3, 11.2, 12.3, 12.4];
  const index = indexOf(
    Buffer.concat([...times.map((at) => picture({ at })), sound({ at: 10 }), sound({ at: 11.5 })]),
  );
  expect(index.video?.interval).toBeCloseTo(0.1, 4);
  expect(index.video?.gaps.map(rounded)).toEqual([[11.2, 12.3]]);
  expect(index.audio?.gaps.map(rounded)).toEqual([[10, 11.5]]);
  expect(indexOf(picture({ at: 10 })).video).toMatchObject({ interval: null, gaps: [] });
});

it('goes by when a picture is shown, not by when it is decoded', () => {
  const index = indexOf(picture({ at: 10.2, decoded: 10 }));
  expect(index.video?.first).toBeCloseTo(10.2, 4);
});

it('reads stamps of more than 32 bits', () => {
  expect(indexOf(picture({ at: 80_000 })).video?.first).toBeCloseTo(80_000, 3);
});

it('leaves out a packet that is still being written', () => {
  expect(indexOf(picture({ at: 1 }).subarray(0, 187))).toEqual({ video: null, audio: null });
});

it('tells quickly from when to when each track goes', () => {
  const spans = (bytes: Buffer) => Object.fromEntries(spansIn(bytes));
  const span = (first: number, last: number) => ({
    first: expect.closeTo(first),
    last: expect.closeTo(last),
  });
  expect(spans(Buffer.concat([table(), continued()]))).toEqual({});
  expect(spans(Buffer.concat([table(), sound({ at: 1 })]))).toEqual({ audio: span(1, 1) });
  const both = Buffer.concat([
    ...[picture({ at: 1 }), sound({ at: 1.1, packets: 2 }), picture({ at: 3 }), sound({ at: 3.1 })],
    ...[picture({ at: 5, packets: 2 }), table()],
  ]);
  expect(spans(both)).toEqual({ video: span(1, 5), audio: span(1.1, 3.1) });
  expect(spans(both.subarray(0, -200))).toEqual({ video: span(1, 5), audio: span(1.1, 3.1) });
});
