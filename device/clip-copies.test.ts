import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, readyClip, StoredDesk } from '../test/stand-ins/stored-desk.ts';
import { clipUploadsOf } from './clip-copies.ts';
import { ManualClock } from './clock.ts';
import { createLog } from './log.ts';
import type { House } from './wiring.ts';

let desk: StoredDesk;
beforeEach(() => {
  desk = new StoredDesk();
});
afterEach(() => desk.end());

/** What the config gives: neither an object store nor a hub that may fetch. */
function built() {
  const config = { uploads: { hosts: [] } };
  const { store } = desk;
  const house = { config, store, clock: new ManualClock(), log: createLog('silent'), vault: {} };
  return clipUploadsOf(house as unknown as House);
}

/** A clip that was sent while the config named a store: there (`put` null), or to an address. */
function sent(put: string | null): string {
  desk.here(1).press(9, 'unhappy').gone(20).wait(40);
  desk.store.addClip('front', readyClip('e1'), at(40).wall);
  const { uploads } = desk.store;
  uploads.ask('e1', put);
  const upload = uploads.next('all', []);
  if (!upload) throw new Error('none');
  const sum = { bytes: 7, sha256: 'a'.repeat(64) };
  uploads.sending(upload, { head: Buffer.from(''), ...sum });
  const copy = { bucket: 'clips', ...sum, sealedFor: 'device' as const, keyId: '0123456789abcdef' };
  uploads.done(upload, copy, at(50).wall);
  return upload.contactId;
}

test('without an object store in the config, and nothing of ours in any: nobody sends', () => {
  expect(built()).toBeNull();
  sent('https://s3.example/x?signed');
  expect(built()).toBeNull();
});

test('copies that are left in a store that the config no longer names are told of when they should go', () => {
  const contactId = sent(null);
  const service = built();
  expect(service?.health()).toMatchObject({ status: 'ok' });
  desk.store.clipDeleted(contactId, 'age', at(99).wall);
  expect(service?.health()).toMatchObject({ status: 'degraded', detail: { deleting: 1 } });
});
