import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VideoFrame } from '../drivers/types.ts';
import { Scoring } from '../test/stand-ins/scoring.ts';
import { at, StoredDesk } from '../test/stand-ins/stored-desk.ts';
import { ManualClock } from './clock.ts';
import { ContactScores } from './contact-scores.ts';
import type { Contact } from './contacts/model.ts';
import type { ClockTrust } from './store/records.ts';

const frame: VideoFrame = { width: 1, height: 1, rgb: Buffer.alloc(3), at: at(0) };
const zone = { left: 0.5, right: 1, top: 0, bottom: 1 };

let clock: ManualClock;
let desk: StoredDesk;
let scoring: Scoring;

beforeEach(() => {
  clock = new ManualClock(at(0));
  desk = new StoredDesk();
  scoring = new Scoring();
});
afterEach(() => desk.end());

function scores(notice: number | null = 0, trust: ClockTrust = 'trusted', late = 0): ContactScores {
  return new ContactScores({
    faces: { judge: scoring, zone, latency: late },
    sounds: { meter: scoring.meter, channel: 'front', patient: 'left', latency: late },
    ...{ notice, trust: () => trust, clock },
  });
}

/** Somebody stands at the desk from second 1 to 20; `during` happens at second 10. Known 2 s late each. */
function visit(of: ContactScores, during: () => void): void {
  desk.here(1).wait(3);
  const contact = { id: 'e1', startedAt: at(1), endedAt: null, veto: false } as Contact;
  clock.advance(3_000);
  of.begin(contact);
  clock.advance(7_000);
  during();
  clock.advance(12_000);
  const { veto = false } = desk.store.contacts.byId('e1') ?? {};
  const scored = of.end({ ...contact, endedAt: at(20), veto }, at(20));
  desk.scored = scored ? [scored] : [];
  desk.gone(20).wait(22);
}

const stored = () => desk.store.contacts.byId('e1');

test('a contact is looked at and listened to, only while it lasts, and what they say is stored', () => {
  const of = scores();
  const everything = () => {
    of.see(frame);
    of.hear(Buffer.alloc(640));
  };
  everything();
  visit(of, everything);
  everything();
  expect([scoring.seen, scoring.heard]).toEqual([1, 640]);
  expect(scoring.said).toEqual([
    'begin face 0.5 to 1',
    'begin sound front left',
    // The patient left 17 s after the scoring began; what came until that was known is left out.
    'face until 17',
    'sound until 17',
    'end face',
    'end sound',
  ]);
  expect(stored()).toMatchObject({
    scores: [
      { kind: 'face', models: [{ id: 'net' }], thresholds: { hold: 2 }, summary: { looked: 1 } },
      { kind: 'sound', models: [{ id: 'vad' }], summary: { heard: 640 } },
    ],
    hint: { kind: null, priority: 0, reasons: [] },
  });
  // It began when the arrival was believed: 2 s after it.
  expect(desk.store.contacts.timelines('e1')).toMatchObject([
    { kind: 'face', from: 2_000 },
    { kind: 'sound' },
  ]);
});

test('the judge sees the picture of a wide camera without the bars beside it', () => {
  const of = scores();
  const rgb = Buffer.alloc(640 * 480 * 3);
  rgb.fill(128, 60 * 640 * 3, 420 * 640 * 3);
  visit(of, () => of.see({ width: 640, height: 480, rgb, at: clock.now() }));
  expect(
    scoring.frames.map(({ width, height, rgb }) => [width, height, rgb.every((value) => value === 128)]),
  ).toEqual([[640, 360, true]]);
});

test('what looks negative is a hint, and never a tag', () => {
  scoring.held = 6;
  scoring.raised = 5;
  visit(scores(), () => {});
  expect(stored()).toMatchObject({
    tag: 'unrated',
    hint: {
      kind: 'suspected-negative',
      reasons: ['the face looked negative for 6 s', 'a voice was raised for 5 s'],
    },
  });
  expect(stored()?.hint?.priority).toBeGreaterThan(0.3);
});

test.each([
  ['before the day of the notice', at(4).wall],
  ['without a notice', null],
])('nobody is scored %s', (_, notice) => {
  const of = scores(notice);
  visit(of, () => of.see(frame));
  expect([scoring.said, scoring.seen]).toEqual([[], 0]);
  expect(stored()).toMatchObject({ scores: [], hint: null });
});

test('nobody is scored while nobody knows what day it is, and it is told why', () => {
  const of = scores(0, 'untrusted');
  visit(of, () => of.see(frame));
  expect(scoring.said).toEqual([]);
  expect(of.waits).toMatch(/clock/);
  expect(scores(at(3_600).wall).waits).toMatch(/notice/);
  expect(scores(0).waits).toBeNull();
});

test('pictures and sound that come late are of the moment at which they were', () => {
  const of = scores(0, 'trusted', 500);
  visit(of, () => of.see({ ...frame, at: at(10) }));
  expect(scoring.frames[0]?.at).toEqual({ mono: at(9.5).mono, wall: at(9.5).wall });
  expect(scoring.said).toContain('sound until 17.5');
  expect(desk.store.contacts.timelines('e1')).toMatchObject([{ from: 2_000 }, { from: 1_500 }]);
});

test('after a time without pictures the camera may be another one, with other bars', () => {
  const of = scores();
  const wide = Buffer.alloc(640 * 480 * 3);
  wide.fill(128, 60 * 640 * 3, 420 * 640 * 3);
  const whole = Buffer.alloc(640 * 480 * 3, 128);
  const see = (rgb: Buffer, s: number) => of.see({ width: 640, height: 480, rgb, at: at(s) });
  visit(of, () => {
    see(whole, 1);
    see(wide, 5);
    see(wide, 11);
  });
  expect(scoring.frames.map(({ height }) => height)).toEqual([480, 480, 360]);
});

test('a veto ends it and leaves nothing', () => {
  const of = scores();
  visit(of, () => {
    desk.veto(10);
    of.veto({ id: 'e1' } as Contact);
    of.see(frame);
  });
  expect(scoring.said.slice(2)).toEqual(['end face', 'end sound']);
  expect(scoring.seen).toBe(0);
  expect(stored()).toMatchObject({ veto: true, scores: [], hint: null });
});

test('a contact that is not the one that is scored has no scores', () => {
  const of = scores();
  of.begin({ id: 'other' } as Contact);
  of.end({ id: 'e1', veto: false } as Contact, at(20));
  expect(scoring.said).toEqual(['begin face 0.5 to 1', 'begin sound front left']);
});
