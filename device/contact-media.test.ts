import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VideoFrame } from '../drivers/types.ts';
import type { FaceScorer } from '../models/face-scorer.ts';
import { ManualClock } from './clock.ts';
import { ContactMedia } from './contact-media.ts';
import { type DeskInput, EMPTY_DESK, reduce } from './contacts/reduce.ts';
import { Journal } from './journal.ts';
import { createLog } from './log.ts';
import type { Recorder } from './recording/recorder.ts';
import { ClipVault } from './recording/vault.ts';
import { Store } from './store/store.ts';

const quiet = createLog('error', { write: () => {} });
const frame: VideoFrame = { width: 1, height: 1, rgb: Buffer.alloc(3), at: { mono: 0, wall: 0 } };
const settings = {
  ...{
    arrivalConfirm: 100,
    departureConfirm: 100,
    contactMax: 60_000,
    servedMinimum: 1_000,
    pressGrace: 100,
  },
  ...{ pressRepeat: 100, sensorLost: 100, buttons: {} },
};

let folder: string;
let clock: ManualClock;
let store: Store;
let show: (frame: VideoFrame) => void;
let looked: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-media-'));
  clock = new ManualClock();
  store = new Store(
    folder,
    'clinic',
    () => crypto.randomUUID(),
    () => clock.now().wall,
  );
  store.beginSession('boot', clock.now());
  looked = 0;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** A desk's media whose recorder has no camera but this test, and whose scorer counts what it is shown. */
async function mediaWith(notice: number | null): Promise<ContactMedia> {
  const recorder = {
    onFrame: (listener: typeof show) => {
      show = listener;
    },
    start: async () => {},
    begin: () => {},
    end: async () => {
      throw new Error('the ring was lost');
    },
  };
  const scorer = {
    models: { expression: { id: 'net', version: '1' } },
    score: async () => {
      looked++;
      return { negative: 0.2, neutral: 0.3, positive: 0.5 };
    },
  };
  const media = new ContactMedia({
    desk: 'front',
    recorder: recorder as unknown as Recorder,
    scorer: scorer as unknown as FaceScorer,
    vault: new ClipVault(join(folder, 'clips')),
    journal: new Journal({ clock, log: quiet }),
    ...{ notice, store, clock, log: quiet },
  });
  await media.start(new AbortController().signal);
  return media;
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** One contact, in which two pictures are shown, and one before and one after it. */
async function contact(media: ContactMedia): Promise<void> {
  let state = EMPTY_DESK;
  const act = (event: DeskInput) => {
    const [next, effects] = reduce(settings, state, event);
    state = next;
    store.record({
      desk: 'front',
      event: null,
      state,
      effects,
      at: event.at,
      clock: 'trusted',
      captured: true,
    });
    for (const effect of effects) {
      if (effect.kind === 'contact-started') media.begin(effect.contact);
      if (effect.kind === 'contact-ended' && effect.contact.endedAt)
        media.end(effect.contact, effect.contact.endedAt);
    }
  };
  const at = () => clock.now();
  show(frame);
  act({ id: 'c', kind: 'presence', present: true, at: at() });
  clock.advance(200);
  act({ kind: 'wake', at: at() });
  for (let n = 0; n < 2; n++) show(frame);
  await settle();
  clock.advance(5_000);
  act({ id: 'd', kind: 'presence', present: false, at: at() });
  clock.advance(500);
  act({ kind: 'wake', at: at() });
  show(frame);
  await settle();
}

test('a face is looked at during a contact only, and what was seen is stored with the model', async () => {
  await contact(await mediaWith(clock.now().wall - 1));
  expect(looked).toBe(2);
  expect(store.contacts.byId('c')?.scores).toEqual([
    {
      ...{ contactId: 'c', kind: 'face-expression', model: 'net', version: '1', scored: 2, frames: 2 },
      ...{ negative: 0.2, neutral: 0.3, positive: 0.5 },
    },
  ]);
});

test.each([
  ['before the day of the notice', 3_600_000],
  ['without a notice', null],
])('no face is looked at %s', async (_, ahead) => {
  await contact(await mediaWith(ahead === null ? null : clock.now().wall + ahead));
  expect(looked).toBe(0);
  expect(store.contacts.byId('c')?.scores).toEqual([]);
});

test('a clip that could not be made leaves its reason, and an alert', async () => {
  await contact(await mediaWith(null));
  expect(store.contacts.byId('c')?.clip).toMatchObject({ state: 'failed', reason: 'the ring was lost' });
  expect(store.outbox.pending(0, 10).at(-1)).toMatchObject({
    type: 'alert',
    data: { code: 'CA_CLIP_FAILED' },
  });
});
