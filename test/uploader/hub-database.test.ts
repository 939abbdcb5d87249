import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { eventOf } from '../../uploader/event.ts';
import { Database } from '../../uploader/hub/database.ts';
import { type Incoming, read } from '../../uploader/hub/incoming.ts';
import { type Postgres, startPostgres } from '../stand-ins/postgres.ts';
import { WALL } from '../stand-ins/stored-desk.ts';
import { Clinic, DEVICE, Tables } from './hub-rig.ts';

let server: Postgres;
let database: Database;
let tables: Tables;

beforeAll(async () => {
  server = await startPostgres();
  tables = new Tables(server.url);
  database = new Database(server.url, systemClock, () => {});
  await database.open();
});

afterAll(async () => {
  await database.close();
  await tables.end();
  await server.stop();
});

const clear = () =>
  tables.sql`TRUNCATE devices, contacts, reviews, presses, clips, alerts, erased, dropped, holes, rejected`;
beforeEach(clear);

/** Everything that ever went over the wire of a clinic with some life in it: also what was erased or dropped after it was sent. */
function wire(clinic: Clinic): Incoming[] {
  const now = () =>
    clinic.rows().map((row) => {
      const { topic, payload } = eventOf(row, { device: DEVICE, store: clinic.store.outbox.store });
      return read(DEVICE, topic.slice(`ca/v1/${DEVICE}/`.length), Buffer.from(payload));
    });
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = clinic.patients(8);
  const by = { accountId: 'a-1', account: 'ann', wall: WALL };
  const { reviews } = clinic.store;
  reviews.put(third, { tag: 'negative', causes: ['queue'], comment: 'a comment' }, 0, by);
  reviews.put(third, { tag: null, causes: ['queue', 'rude'], comment: 'a comment' }, 1, by);
  reviews.put(fourth, { tag: 'neutral', causes: ['price'], comment: '' }, 0, by);
  reviews.put(fifth, { tag: 'neutral', causes: [], comment: '' }, 0, by);
  const before = now();
  clinic.store.clipDeleted(first, 'veto', WALL);
  clinic.store.erase(second, 'console', WALL);
  clinic.store.erase(fourth, 'mqtt', WALL);
  return [...before, ...now()];
}

const event = (device: string, about: Record<string, unknown>, data: object = {}, type = 'alert') =>
  read(
    device,
    `events/${type}`,
    Buffer.from(
      JSON.stringify({
        specversion: '1.0',
        id: 'x',
        source: `/ca/v1/${device}/desks/front`,
        type: 'alert',
        time: '2026-01-05T08:00:00.000Z',
        recordedtime: '2026-01-05T08:00:00.000Z',
        datacontenttype: 'application/json',
        sequence: '0000000000000001',
        store: '0123456789abcdef',
        data: { desk: 'front', code: 'CA_X', reason: 'x', ...data },
        ...about,
      }),
    ),
  );

describe('Database', () => {
  it('has what the store has, field by field, in whatever order, batches and number of copies messages come', async () => {
    const clinic = new Clinic();
    const messages = wire(clinic);
    expect(messages.every(({ kind }) => kind === 'event')).toBe(true);
    await database.commit(messages.slice(messages.length - clinic.store.outbox.newest()));
    const truth = await tables.dump();
    const { hub, device } = await tables.compare(clinic);
    expect(hub).toEqual(device);
    expect([hub.contacts, hub.reviews, hub.clips].map(({ length }) => length)).toEqual([6, 2, 1]);
    expect(JSON.stringify(truth.reviews)).not.toMatch(/a comment|ann/);
    expect(truth.devices).toMatchObject([{ up_to: String(clinic.store.outbox.newest()), ahead: [] }]);
    expect(truth.erased).toHaveLength(2);
    expect(truth.dropped?.length).toBeGreaterThan(2);
    const order = fc.shuffledSubarray([...messages, ...messages.slice(0, 20)], {
      minLength: messages.length + 20,
    });
    await fc.assert(
      fc
        .asyncProperty(order, fc.integer({ min: 1, max: 40 }), async (shuffled, size) => {
          for (let n = 0; n < shuffled.length; n += size) await database.commit(shuffled.slice(n, n + size));
          expect(await tables.dump()).toEqual(truth);
        })
        .beforeEach(clear),
      { numRuns: 15 },
    );
    clinic.end();
  });

  it('takes a batch without the one message that no table can hold', async () => {
    const good = (n: number) => event('clinic', { sequence: String(n).padStart(16, '0') });
    const nul = event('clinic', { sequence: '0000000000000002' }, { reason: 'a \0 in a text' });
    const year0 = event('clinic', { sequence: '0000000000000003', time: '0000-01-01T00:00:00.000Z' });
    expect([nul.kind, year0.kind]).toEqual(['event', 'event']);
    const { standings } = await database.commit([good(1), nul, year0, good(4)]);
    expect(standings).toMatchObject([{ arrived: { upTo: 4, ahead: [] } }]);
    const { alerts, rejected } = await tables.dump();
    expect(alerts).toHaveLength(2);
    expect(rejected).toMatchObject([
      { sequence: '2', reason: 'PostgreSQL does not take it: SQLSTATE 22P05' },
      { sequence: '3', reason: 'PostgreSQL does not take it: SQLSTATE 22008' },
    ]);
  });

  it('goes on after a state or a hole that no table can hold', async () => {
    const store = '0123456789abcdef';
    const year0 = { store, sequence: 0, state: 'ready', session: 1, since: '0000-01-01T00:00:00.000Z' };
    const state = read('clinic', 'state', Buffer.from(JSON.stringify(year0)));
    expect(state.kind).toBe('state');
    const hole: Incoming = { kind: 'hole', device: 'clinic', store, range: [2, 2 ** 70] };
    // The broker keeps a state: it comes again and again.
    for (let copies = 0; copies < 2; copies++) {
      const { standings } = await database.commit([state, event('clinic', {}), hole]);
      expect(standings).toMatchObject([{ arrived: { upTo: 1 }, state: null }]);
    }
    const { rejected, alerts } = await tables.dump();
    expect(alerts).toHaveLength(1);
    expect(rejected).toMatchObject([
      { topic: 'hole', sequence: null, reason: 'PostgreSQL does not take it: SQLSTATE 22003' },
      { topic: 'state', sequence: null, reason: 'PostgreSQL does not take it: SQLSTATE 22008' },
    ]);
  });

  it('counts what does not fit as arrived, where it can be told which event it is', async () => {
    const rejected = [
      event('clinic', { more: 'than the schema knows' }),
      event('clinic', { sequence: '0000000000000002', source: '/ca/v1/other/desks/front' }),
      read('clinic', 'events/unheard.of', Buffer.from('{}')),
      read('clinic', 'events/alert', Buffer.from('no json')),
      event('clinic', { sequence: '9999999999999999' }),
    ];
    expect(rejected.map(({ kind }) => kind)).toEqual(Array(5).fill('rejected'));
    const { standings } = await database.commit([...rejected, ...rejected]);
    expect(standings).toMatchObject([{ arrived: { upTo: 2 } }]);
    expect((await tables.dump()).rejected).toHaveLength(4);
  });

  it('keeps of what was dropped the widest that was told, in whatever order it comes', async () => {
    const dropped = (from: number, sequence: number, count: number) => {
      const data = { from, counts: { press: count }, reason: 'size' };
      const about = { type: 'outbox.dropped', sequence: String(sequence).padStart(16, '0'), data };
      return event('clinic', about, {}, 'outbox.dropped');
    };
    const told = [dropped(1, 2, 2), dropped(5, 5, 1), dropped(4, 5, 2), dropped(1, 7, 7), dropped(9, 9, 1)];
    await fc.assert(
      fc
        .asyncProperty(
          fc.shuffledSubarray(told, { minLength: told.length }),
          fc.integer({ min: 1, max: 5 }),
          async (shuffled, size) => {
            for (let n = 0; n < shuffled.length; n += size)
              await database.commit(shuffled.slice(n, n + size));
            const rows =
              await tables.sql`SELECT first::int, sequence::int, counts FROM dropped ORDER BY first`;
            expect([...rows]).toEqual([
              { first: 1, sequence: 7, counts: { press: 7 } },
              { first: 9, sequence: 9, counts: { press: 1 } },
            ]);
          },
        )
        .beforeEach(clear),
      { numRuns: 30 },
    );
  });

  it('lets no device touch the contacts of another', async () => {
    const [mine, theirs] = [new Clinic('mine'), new Clinic('theirs')];
    const [id = ''] = mine.patients(1);
    const of = (clinic: Clinic, device: string) =>
      clinic.rows().map((row) => {
        const { topic, payload } = eventOf(row, { device: clinic.device, store: clinic.store.outbox.store });
        return read(device, topic.replace(/^ca\/v1\/[^/]+\//, ''), Buffer.from(payload));
      });
    await database.commit(of(mine, 'mine'));
    const foreign = { subject: id, type: 'contact.erased', sequence: '0000000000000900' };
    const erase = read(
      'theirs',
      'events/contact.erased',
      Buffer.from(
        JSON.stringify({
          ...{ specversion: '1.0', id: 'x', source: '/ca/v1/theirs/desks/front' },
          ...foreign,
          time: '2026-01-05T08:00:00.000Z',
          recordedtime: '2026-01-05T08:00:00.000Z',
          datacontenttype: 'application/json',
          store: theirs.store.outbox.store,
          data: { desk: 'front', contactId: id, object: null, actor: 'mqtt' },
        }),
      ),
    );
    expect(erase.kind).toBe('event');
    await database.commit([erase, ...of(mine, 'theirs')]);
    expect((await tables.compare(mine)).hub.contacts).toHaveLength(1);
    expect((await tables.compare(theirs)).hub.contacts).toHaveLength(0);
    mine.end();
    theirs.end();
  });

  it('says a hole is what is missing when it is told, and passes it', async () => {
    const at = (n: number) => event('clinic', { sequence: String(n).padStart(16, '0') });
    const store = '0123456789abcdef';
    await database.commit([at(1), at(4), at(8)]);
    const { standings, holes } = await database.commit([
      { kind: 'hole', device: 'clinic', store, range: [2, 6] },
      at(3),
    ]);
    expect(holes.map(({ first, last }) => [first, last])).toEqual([
      [2, 2],
      [5, 6],
    ]);
    expect(standings).toMatchObject([{ arrived: { upTo: 6, ahead: [[8, 8]] } }]);
    expect(await tables.sql`SELECT first::int, last::int FROM holes ORDER BY 1`).toMatchObject([
      { first: 2, last: 2 },
      { first: 5, last: 6 },
    ]);
  });

  it('holds the latest state, and no will of an older session', async () => {
    const state = (session: number, state: string) =>
      read(
        'clinic',
        'state',
        Buffer.from(
          JSON.stringify({
            state,
            session,
            since: '2026-01-05T08:00:00.000Z',
            store: '0123456789abcdef',
            sequence: 0,
          }),
        ),
      );
    await database.commit([state(6, 'ready'), state(7, 'ready')]);
    await database.commit([state(6, 'lost')]);
    expect(await tables.sql`SELECT state, session::int FROM devices`).toMatchObject([
      { state: 'ready', session: 7 },
    ]);
    await database.commit([state(7, 'lost')]);
    expect(await tables.sql`SELECT state FROM devices`).toMatchObject([{ state: 'lost' }]);
  });
});
