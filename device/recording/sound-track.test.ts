import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SoundTrack } from './sound-track.ts';

const START = 50_000;

/**
 * A sound card that delivers `rate` samples a second in blocks, each late by something. Each sample's value tells
 * when it was heard (in 4 ms, modulo 2 minutes); what comes out is compared with where it came to lie.
 */
function play(options: {
  rate: number;
  seconds: number;
  block?: number;
  late?: (n: number) => number;
  deaf?: [from: number, to: number];
}) {
  const { rate, seconds, block = 320, late = () => 0, deaf = [0, 0] } = options;
  const track = new SoundTrack(START);
  const out: Buffer[] = [];
  let nextFill = START + 250;
  let arrived = START;
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; (n * block) / rate < seconds; n++) {
    const end = START + (((n + 1) * block) / rate) * 1000;
    // One after the other, like anything out of a pipe.
    arrived = Math.max(arrived, end + late(n));
    if (end - START > 10_000) least = Math.min(least, arrived - end);
    for (; nextFill < arrived; nextFill += 250) {
      const silence = track.fill(nextFill);
      if (silence) out.push(silence);
    }
    if (arrived - START >= deaf[0] * 1000 && arrived - START < deaf[1] * 1000) continue;
    const pcm = Buffer.alloc(block * 2);
    for (let i = 0; i < block; i++) {
      const heard = ((n * block + i) / rate) * 1000;
      pcm.writeInt16LE(1 + (Math.floor(heard / 4) % 30_000), i * 2);
    }
    out.push(track.take(pcm, arrived));
  }
  return { track, pcm: Buffer.concat(out), least };
}

/** Largest |where a sample lies − when it was heard| in ms, from `after` seconds on; silence left out. */
function worst(pcm: Buffer, after: number): number {
  let largest = 0;
  for (let n = after * 16_000; n < pcm.length / 2; n += 7) {
    const value = pcm.readInt16LE(n * 2);
    if (value > 0) largest = Math.max(largest, Math.abs(n / 16 - (value - 1) * 4 - 2));
  }
  return largest;
}

it('passes the samples of a perfect card on as they are', () => {
  const { pcm } = play({ rate: 16_000, seconds: 10 });
  expect(worst(pcm, 0)).toBeLessThan(3);
});

it('keeps a card in step whose crystal is 1000 ppm off, whatever the delays of the process', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(15_984, 16_016),
      fc.constantFrom(160, 320, 2_000),
      fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 50, maxLength: 50 }),
      (rate, block, delays) => {
        const { pcm, least } = play({ rate, block, seconds: 60, late: (n) => delays[n % 50] ?? 0 });
        expect(worst(pcm, 10) - least).toBeLessThan(15);
      },
    ),
    { numRuns: 10 },
  );
});

it.each([0, 1])('stretches a tone without a click, also in blocks at an odd address (+%i)', (address) => {
  const tone = (n: number) => Math.round(20_000 * Math.sin((2 * Math.PI * 100 * n) / 16_000));
  const track = new SoundTrack(START);
  const out: Buffer[] = [];
  for (let n = 0; n < 200; n++) {
    const block = Buffer.alloc(4_001).subarray(address, address + 4_000);
    for (let i = 0; i < 2_000; i++) block.writeInt16LE(tone(n * 2_000 + i), i * 2);
    // A card that gives 125 ms of samples every 125.1 ms.
    out.push(track.take(block, START + (n + 1) * 125.1));
  }
  const all = Buffer.concat(out);
  expect(all.length).toBeGreaterThan(200 * 4_000);
  let bend = 0;
  // Not where the tone begins.
  for (let at = 32_000; at < all.length; at += 2) {
    const [a, b, c] = [all.readInt16LE(at - 4), all.readInt16LE(at - 2), all.readInt16LE(at)];
    bend = Math.max(bend, Math.abs(a - 2 * b + c));
  }
  // The tone itself bends by 31 from sample to sample; one sample left out or doubled, by 785.
  expect(bend).toBeLessThan(50);
});

it('does with two channels what it does with each alone: moved, filled and stretched, never swapped', () => {
  const [left, right, both] = [new SoundTrack(START), new SoundTrack(START), new SoundTrack(START, 2)];
  const tone = (n: number, hertz: number) => Math.round(9_000 * Math.sin((2 * Math.PI * hertz * n) / 16_000));
  const out: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
  for (let n = 0; n < 600; n++) {
    // 0.3 s late at first, 1.6 s missing soon after, and a card 600 ppm slow.
    const now = START + 300 + (n + 1) * 20.012;
    if (n > 20 && n < 100) {
      for (const [i, track] of [left, right, both].entries())
        out[i]?.push(track.fill(now) ?? Buffer.alloc(0));
      continue;
    }
    const pcm = Buffer.alloc(1_280);
    for (let i = 0; i < 320; i++) {
      pcm.writeInt16LE(tone(n * 320 + i, 300), i * 4);
      pcm.writeInt16LE(tone(n * 320 + i, 777), i * 4 + 2);
    }
    out[0].push(left.take(channel(pcm, 0), now));
    out[1].push(right.take(channel(pcm, 1), now));
    out[2].push(both.take(pcm, now));
  }
  const all = Buffer.concat(out[2]);
  expect(channel(all, 0).equals(Buffer.concat(out[0]))).toBe(true);
  expect(channel(all, 1).equals(Buffer.concat(out[1]))).toBe(true);
  expect(both.end).toBe(left.end);
  expect(channel(both.since(both.end - 2_500.3).pcm, 1).equals(right.since(right.end - 2_500.3).pcm)).toBe(
    true,
  );
  // It was stretched, not only moved.
  expect(out[2].filter((pcm) => pcm.length === 1_284).length).toBeGreaterThan(3);
});

/** One of two channels. */
function channel(pcm: Buffer, side: 0 | 1): Buffer {
  const one = Buffer.alloc(pcm.length / 2);
  for (let at = 0; at < one.length; at += 2) pcm.copy(one, at, at * 2 + side * 2, at * 2 + side * 2 + 2);
  return one;
}

it('fills a gap with silence of the right length', () => {
  const { pcm, track } = play({ rate: 16_000, seconds: 20, deaf: [5, 12] });
  expect(worst(pcm, 0)).toBeLessThan(3);
  expect(pcm.subarray(8 * 32_000, 9 * 32_000).every((byte) => byte === 0)).toBe(true);
  expect(track.end).toBeCloseTo(START + 20_000, -1);
});

it('is not confused by a process that stood still and then finds all samples at once', () => {
  // 3 s of stillness: each block that would have come then comes at its end.
  const late = (n: number) => Math.max(0, n >= 250 && n < 400 ? (400 - n) * 20 : 0);
  const track = new SoundTrack(START);
  const out: Buffer[] = [];
  for (let n = 0; n < 600; n++) {
    const arrived = START + (n + 1) * 20 + late(n);
    out.push(track.take(Buffer.alloc(640, 1), arrived));
  }
  expect(Buffer.concat(out).length).toBe(600 * 640);
});

it('keeps the last 15 seconds for an ffmpeg that begins anew', () => {
  const { track, pcm } = play({ rate: 16_000, seconds: 40 });
  const all = track.since(Number.NEGATIVE_INFINITY);
  expect(all.pcm.length / 32_000).toBeCloseTo(15, 0);
  const some = track.since(track.end - 3_000);
  expect(some.from).toBeCloseTo(track.end - 3_000, 1);
  expect(some.pcm.equals(pcm.subarray(pcm.length - 96_000))).toBe(true);
  expect(track.since(track.end + 500).pcm).toHaveLength(0);
});

it('knows whether the microphone has ever spoken', () => {
  const track = new SoundTrack(START);
  for (let n = 1; n < 20; n++) track.fill(START + n * 250);
  expect(track.heard).toBeNull();
  expect(track.end).toBe(START + 19 * 250 - 250);
});
