import postgres from 'postgres';
import type { Db } from '../../device/store/open.ts';
import { openForReading } from '../../device/store/open.ts';
import { SqliteContacts } from '../../device/store/reader.ts';
import type { ContactRecord, PressRecord } from '../../device/store/records.ts';
import type { Had, Told } from './verdict.ts';

/** Where delivery stands: sequences. */
export interface Progress {
  readonly newest: number;
  readonly acknowledged: number;
  /** Rows without a PUBACK or without an acknowledgement. */
  readonly waiting: number;
}

/** What the device's store in `folder` holds; it may be in use. */
export function toldBy(folder: string, device: string): Told {
  return reading(folder, (db) => {
    const contacts = new SqliteContacts(db, device);
    const ids = db.prepare<[], { id: string }>('SELECT id FROM presses').all();
    const closed = db.prepare<[], { subject: string; sequence: number }>(
      "SELECT subject, max(sequence) AS sequence FROM outbox WHERE type = 'contact.closed' GROUP BY subject",
    );
    const rows = db.prepare<[], { sequence: number }>('SELECT sequence FROM outbox ORDER BY sequence');
    const progress = progressOf(db);
    return {
      contacts: contacts.between(0, Number.MAX_SAFE_INTEGER),
      presses: ids.map(({ id }) => contacts.press(id)).filter((press) => press !== null),
      closed: new Map(closed.all().map(({ subject, sequence }) => [subject, sequence])),
      sequences: rows.all().map(({ sequence }) => sequence),
      ...progress,
    };
  });
}

/** How far the device is. */
export const progress = (folder: string): Progress => reading(folder, progressOf);

/** How many contacts the device has counted. */
export const counted = (folder: string): number =>
  reading(folder, (db) => db.prepare<[], { n: number }>('SELECT count(*) AS n FROM contacts').get()?.n ?? 0);

function progressOf(db: Db): Progress {
  const newest = db.prepare<[], { n: number }>("SELECT seq AS n FROM sqlite_sequence WHERE name = 'outbox'");
  const state = db.prepare<[], { acknowledged: number }>('SELECT acknowledged FROM outbox_state').get();
  const acknowledged = state?.acknowledged ?? 0;
  const waiting = db.prepare<[number], { n: number }>(
    'SELECT count(*) AS n FROM outbox WHERE published IS NULL OR sequence > ?',
  );
  return { newest: newest.get()?.n ?? 0, acknowledged, waiting: waiting.get(acknowledged)?.n ?? 0 };
}

function reading<T>(folder: string, look: (db: Db) => T): T {
  const db = openForReading(folder);
  try {
    return look(db);
  } finally {
    db.close();
  }
}

/** What the hub's database holds of a device that has had one store only. */
export async function hadBy(url: string, device: string): Promise<Had> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const contacts = await sql<{ sequence: string; record: ContactRecord }[]>`
      SELECT sequence, record FROM contacts WHERE device = ${device}`;
    const presses = await sql<{ record: PressRecord }[]>`SELECT record FROM presses WHERE device = ${device}`;
    const stores = await sql<{ up_to: string; ahead: unknown[] }[]>`
      SELECT up_to, ahead FROM devices WHERE device = ${device}`;
    const [odd] = await sql<[Record<string, string>]>`
      SELECT (SELECT count(*) FROM holes) AS holes, (SELECT count(*) FROM rejected) AS rejected,
        (SELECT count(*) FROM dropped) AS dropped, (SELECT min(reason) FROM rejected) AS reason`;
    return {
      contacts: contacts.map(({ sequence, record }) => ({ sequence: Number(sequence), record })),
      presses: presses.map(({ record }) => record),
      upTo: Number(stores[0]?.up_to ?? 0),
      oddities: [
        ...(stores.length === 1 ? [] : [`the hub knows ${stores.length} stores of the device`]),
        ...stores.flatMap(({ ahead }) =>
          ahead.length === 0 ? [] : [`beyond a gap: ${JSON.stringify(ahead)}`],
        ),
        ...(['holes', 'rejected', 'dropped'] as const).flatMap((table) =>
          odd[table] === '0' ? [] : [`${odd[table]} rows in ${table}: ${odd.reason ?? ''}`],
        ),
      ],
    };
  } finally {
    await sql.end({ timeout: 1 });
  }
}
