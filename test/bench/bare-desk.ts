import { randomUUID } from 'node:crypto';
import mqtt from 'mqtt';
import { SerialPort } from 'serialport';
import { openDatabase, openForReading } from '../../device/store/open.ts';

/**
 * The floor of `press.*` and `started.p50`: the least program that does the same job.
 *
 *   node bare-desk.ts PORT STORE FOLDER BROKER CONFIRM
 *
 * A line on the serial port → the rows that the service commits, in one transaction → the message that it publishes,
 * QoS 1 → the mark. `B…` is a press, anything else an arrival, which waits CONFIRM ms first. Tables and SQLite settings are the service's, in
 * FOLDER; the rows are copies of those in the service's own store, in STORE. Says `ready`; ends when its stdin does.
 */
const [path = '', store = '', folder = '', broker = '', confirm = ''] = process.argv.slice(2);

type Type = 'press' | 'contact.started';
type Row = Record<string, string | number | null>;

const kept = openForReading(store);
const db = openDatabase(folder);

/** A way to write rows like the latest one of a table, with some values of their own; where there is none, nothing is written. */
function rowsOf(table: string, latest: string, without?: string) {
  const { [without ?? '']: _, ...like } =
    kept.prepare<[], Row>(`SELECT * FROM ${table} ${latest} LIMIT 1`).get() ?? {};
  const columns = Object.keys(like);
  if (columns.length === 0) return { like, write: () => 0 };
  const write = db.prepare(
    `INSERT INTO ${table} (${columns}) VALUES (${columns.map((column) => `@${column}`)})
     ON CONFLICT DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`)}`,
  );
  return { like, write: (own: Row) => write.run({ ...like, ...own }).lastInsertRowid };
}

const sessions = rowsOf('sessions', '');
const contacts = rowsOf('contacts', 'ORDER BY started_wall DESC');
const presses = rowsOf('presses', 'ORDER BY mono DESC');
const states = rowsOf('desk_states', '');
const events = rowsOf('raw_events', 'ORDER BY place DESC', 'place');
const messages = {
  press: rowsOf('outbox', "WHERE type = 'press' ORDER BY sequence DESC", 'sequence'),
  'contact.started': rowsOf('outbox', "WHERE type = 'contact.started' ORDER BY sequence DESC", 'sequence'),
};
sessions.write({});
const mark = db.prepare('UPDATE outbox SET published = ? WHERE sequence = ?');
kept.close();

let contactId = randomUUID();
const commit = db.transaction((type: Type) => {
  if (type === 'contact.started') contactId = randomUUID();
  contacts.write({ id: contactId });
  if (type === 'press') {
    events.write({});
    presses.write({ id: randomUUID(), contact_id: contactId });
  }
  states.write({});
  sessions.write({ alive_wall: Date.now() });
  return messages[type].write({ id: randomUUID(), subject: contactId, published: null });
});
commit('contact.started');

const client = await mqtt.connectAsync(broker, { protocolVersion: 5 });
const port = new SerialPort({ path, baudRate: 115_200 });
port.on('data', (bytes: Buffer) => {
  if (bytes.toString().startsWith('B')) void tell('press');
  else setTimeout(() => void tell('contact.started'), Number(confirm));
});
port.on('open', () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit(0));

async function tell(type: Type): Promise<void> {
  const sequence = commit(type);
  await client.publishAsync(`ca/v1/floor/events/${type}`, message(type, sequence), { qos: 1 });
  mark.run(Date.now(), sequence);
}

function message(type: Type, sequence: number | bigint): string {
  const time = new Date().toISOString();
  return JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: '/ca/v1/floor/desks/front',
    type,
    subject: contactId,
    time,
    recordedtime: time,
    datacontenttype: 'application/json',
    sequence: String(sequence).padStart(16, '0'),
    data: JSON.parse(String(messages[type].like.data)),
  });
}
