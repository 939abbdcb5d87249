import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import postgres from 'postgres';
import { systemClock } from '../../device/clock.ts';
import type { DeskInput } from '../../device/contacts/reduce.ts';
import { openForReading } from '../../device/store/open.ts';
import type { ContactRecord, OutboxRow, PressRecord } from '../../device/store/records.ts';
import { Store } from '../../device/store/store.ts';
import { type Hub, startHub } from '../../uploader/hub/hub.ts';
import type { EventData } from '../../uploader/messages.ts';
import { act, at, readyClip, WALL } from '../stand-ins/stored-desk.ts';

export const DEVICE = 'clinic';

/** A device's store, filled through the domain; its contacts have ids that are nobody else's. */
export class Clinic {
  readonly device: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'ca-hub-'));
  readonly store: Store;
  #now = 0;

  constructor(device = DEVICE) {
    this.device = device;
    this.store = new Store(this.folder, device, randomUUID, () => WALL, { keep: 'all', sample: 0 }, true);
    this.store.beginSession('boot-1', at(0));
  }

  /** `n` patients one after the other, of whom some press, some press after they left, some have a clip; returns the contacts' ids. */
  patients(n: number): string[] {
    return Array.from({ length: n }, (_, index) => {
      const id = randomUUID();
      const stay = 10 + (index % 20);
      this.#put({ id, kind: 'presence', present: true, at: at(this.#now) });
      this.#put({ kind: 'wake', at: at(this.#now + 2) });
      if (index % 2 === 0) this.#press(5, 'happy');
      if (index % 3 === 0) this.#press(8, 'unhappy');
      this.#put({ id: randomUUID(), kind: 'presence', present: false, at: at(this.#now + stay) });
      this.#put({ kind: 'wake', at: at(this.#now + stay + 2.5) });
      if (index % 6 === 0) this.store.addClip('front', readyClip(id), WALL);
      if (index % 4 === 0) this.#press(stay + 4, 'happy');
      this.#put({ kind: 'wake', at: at(this.#now + stay + 8) });
      // Nobody is there: a press without a contact.
      if (index % 5 === 0) this.#press(stay + 15, 'unhappy');
      // Cut late: the closed contact knows nothing of it.
      if (index % 6 === 3) this.store.addClip('front', readyClip(id), WALL);
      this.#now += stay + 20;
      return id;
    });
  }

  rows(): OutboxRow[] {
    const { outbox } = this.store;
    const end = Number.MAX_SAFE_INTEGER;
    return [...outbox.pending(0, end), ...outbox.again(0, end, end)].sort((a, b) => a.sequence - b.sequence);
  }

  end(): void {
    this.store.close();
    rmSync(this.folder, { recursive: true });
  }

  #press(after: number, button: string): void {
    this.#put({ id: randomUUID(), kind: 'press', button, at: at(this.#now + after) });
  }

  #put(input: DeskInput): void {
    act(this.store, input);
  }
}

/** A hub and what it logs. */
export async function hubFor(mqttUrl: string, database: string): Promise<Hub & { logged: string[] }> {
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) });
  const hub = await startHub({ mqtt: { url: mqttUrl }, database, name: 'test', clock: systemClock, log });
  return Object.assign(hub, { logged });
}

/** The hub's tables, as a client of the database reads them. */
export class Tables {
  readonly sql: postgres.Sql;

  constructor(url: string) {
    this.sql = postgres(url, { max: 1, onnotice: () => {} });
  }

  async upTo(clinic: Clinic): Promise<number> {
    const { store } = clinic.store.outbox;
    const [row] = await this
      .sql`SELECT up_to FROM devices WHERE device = ${clinic.device} AND store = ${store}`;
    return Number(row?.up_to ?? 0);
  }

  /** Waits until the hub has every event of the clinic. */
  async complete(clinic: Clinic, ms = 25_000): Promise<void> {
    const end = performance.now() + ms;
    let upTo = -1;
    while (performance.now() < end) {
      // The database may be away at times.
      upTo = await this.upTo(clinic).catch(() => -1);
      if (upTo === clinic.store.outbox.newest()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`not within ${ms} ms: the hub has ${upTo} of ${clinic.store.outbox.newest()} events`);
  }

  /** Everything but the times at which the hub itself wrote something down. */
  async dump(): Promise<Record<string, unknown[]>> {
    const tables: Record<string, string> = {
      devices: 'device, store, up_to, ahead',
      contacts: '*',
      reviews: '*',
      presses: '*',
      clips: '*',
      alerts: '*',
      erased: '*',
      dropped: '*',
      rejected: 'topic, device, store, sequence, reason',
    };
    const all: Record<string, unknown[]> = {};
    for (const [table, columns] of Object.entries(tables))
      all[table] = await this.sql.unsafe(`SELECT ${columns} FROM ${table} ORDER BY 1, 2, 3, 4`);
    return all;
  }

  /** What the hub has of a clinic, as the clinic's store has it, and the other way round. */
  async compare(clinic: Clinic): Promise<{ hub: Held; device: Held }> {
    const of = clinic.device;
    // Where there is a review, its tag is the contact's.
    const contacts = await this.sql`
      SELECT CASE WHEN r.tag IS NULL THEN c.record ELSE c.record || jsonb_build_object(
          'tag', r.tag, 'tagSource', r.record->'tagSource') END AS record
        FROM contacts c LEFT JOIN reviews r ON r.device = c.device AND r.contact_id = c.id
       WHERE c.device = ${of} ORDER BY c.started_at, c.id`;
    const reviews = await this.sql`SELECT record FROM reviews WHERE device = ${of}`;
    const presses = await this.sql`SELECT record FROM presses WHERE device = ${of}`;
    const clips = await this.sql`
      SELECT record FROM clips c WHERE device = ${of} AND kind = 'ready' AND NOT EXISTS
        (SELECT FROM clips d WHERE d.device = c.device AND d.contact_id = c.contact_id AND kind = 'deleted')`;
    const there = clinic.store.contacts.between(0, Number.MAX_SAFE_INTEGER).reverse();
    const sql = openForReading(clinic.folder);
    const ids = sql.prepare<[], { id: string }>('SELECT id FROM presses').all();
    sql.close();
    return {
      hub: {
        contacts: contacts.map(({ record }) => withoutClip(record)),
        reviews: byContact(reviews.map(({ record }) => record)),
        presses: byId(presses.map(({ record }) => record)),
        clips: byContact(clips.map(({ record: { desk, ...clip } }) => clip)),
      },
      device: {
        contacts: there.map(withoutClip),
        reviews: byContact(there.flatMap(({ id }) => this.#reviewOf(clinic, id))),
        presses: byId(ids.map(({ id }) => clinic.store.contacts.press(id)).filter((press) => press !== null)),
        clips: byContact(there.map(({ clip }) => clip).filter((clip) => clip?.state === 'ready')),
      },
    };
  }

  end(): Promise<void> {
    return this.sql.end({ timeout: 0 });
  }

  /** As the device tells of it. */
  #reviewOf(clinic: Clinic, contactId: string): EventData['contact.reviewed'][] {
    const review = clinic.store.reviews.of(contactId);
    const contact = clinic.store.contacts.byId(contactId);
    if (!review || !contact) return [];
    const { causes, at, revision } = review;
    const { desk, tag, tagSource } = contact;
    return [{ contactId, desk, tag, tagSource, causes: [...causes], taxonomy: 1, at, revision }];
  }
}

/** What of a clinic can be compared. */
export interface Held {
  readonly contacts: readonly unknown[];
  readonly reviews: readonly unknown[];
  readonly presses: readonly unknown[];
  readonly clips: readonly unknown[];
}

/** A clip may have been cut, or have gone, since the contact was closed: events of its own tell that. */
const withoutClip = ({ clip, ...rest }: ContactRecord) => rest;
const byId = (presses: PressRecord[]) => presses.sort((a, b) => a.id.localeCompare(b.id));
const byContact = (rows: ({ contactId: string } | null)[]) =>
  rows.sort((a, b) => (a?.contactId ?? '').localeCompare(b?.contactId ?? ''));
