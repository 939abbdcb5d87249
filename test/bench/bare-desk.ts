import { randomUUID } from 'node:crypto';
import mqtt from 'mqtt';
import { SerialPort } from 'serialport';
import { openDatabase, openForReading } from '../../device/store/open.ts';

/**
 * The floor of `press.*` and `started.p50`: the least program that does the same job.
 *
 *   node bare-desk.ts PORT STORE FOLDER BROKER
 *
 * A line on the serial port → the rows that the service commits, in one transaction → the message that it publishes,
 * QoS 1 → the mark. `B…` is a press, anything else an arrival. The tables and the SQLite settings are the service's,
 * in FOLDER; the texts come out of the service's own store in STORE, so that rows and messages are as long as its
 * own. Says `ready`; ends when its stdin does.
 */
const [path = '', store = '', folder = '', broker = ''] = process.argv.slice(2);

type Type = 'press' | 'contact.started';

const texts = latestTexts();
const db = openDatabase(folder);
db.exec("INSERT INTO sessions (boot, started_wall, alive_mono, alive_wall) VALUES ('floor', 0, 0, 0)");
const rows = {
  event: db.prepare('INSERT INTO raw_events (session, desk, wall, event) VALUES (1, ?, ?, ?)'),
  contact: db.prepare(
    `INSERT INTO contacts (id, session, desk, state, started_wall, started_mono, served, tag, top, captured, clock)
     VALUES (?, 1, 'front', 'open', ?, ?, 0, 'unrated', 0, 0, 'trusted')
     ON CONFLICT DO UPDATE SET tag = 'positive', tag_source = 'press', rating = 5, top = 1`,
  ),
  press: db.prepare(
    `INSERT INTO presses (id, session, desk, contact_id, button, rating, tag, wall, mono, flags, clock)
     VALUES (?, 1, 'front', ?, 'happy', 5, 'positive', ?, ?, '[]', 'trusted')`,
  ),
  state: db.prepare(
    'INSERT INTO desk_states (desk, state) VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
  ),
  alive: db.prepare('UPDATE sessions SET alive_mono = ?, alive_wall = ? WHERE session = 1'),
  message: db.prepare(
    'INSERT INTO outbox (id, type, desk, subject, wall, recorded, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ),
  mark: db.prepare('UPDATE outbox SET published = ? WHERE sequence = ?'),
};
let contactId = randomUUID();

const commit = db.transaction((type: Type) => {
  const now = Date.now();
  if (type === 'contact.started') contactId = randomUUID();
  rows.contact.run(contactId, now, now);
  if (type === 'press') {
    rows.event.run('front', now, texts.event);
    rows.press.run(randomUUID(), contactId, now, now);
  }
  rows.state.run('front', texts.state);
  rows.alive.run(now, now);
  return rows.message.run(randomUUID(), type, 'front', contactId, now, now, texts[type]).lastInsertRowid;
});
commit('contact.started');

const client = await mqtt.connectAsync(broker, { protocolVersion: 5 });
const port = new SerialPort({ path, baudRate: 115_200 });
port.on('data', async (bytes: Buffer) => {
  const type = bytes.toString().startsWith('B') ? 'press' : 'contact.started';
  const sequence = commit(type);
  await client.publishAsync(`ca/v1/floor/events/${type}`, message(type, sequence), { qos: 1 });
  rows.mark.run(Date.now(), sequence);
});
port.on('open', () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit(0));

function message(type: Type, sequence: number | bigint): string {
  return JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: '/ca/v1/floor/desks/front',
    type,
    subject: contactId,
    time: new Date().toISOString(),
    recordedtime: new Date().toISOString(),
    datacontenttype: 'application/json',
    sequence: String(sequence).padStart(16, '0'),
    data: JSON.parse(texts[type]),
  });
}

function latestTexts(): Record<'event' | 'state' | Type, string> {
  const kept = openForReading(store);
  const latest = (sql: string) => kept.prepare<[], { text: string }>(sql).get()?.text ?? '{}';
  const message = (type: Type) =>
    latest(`SELECT data AS text FROM outbox WHERE type = '${type}' ORDER BY sequence DESC LIMIT 1`);
  const found = {
    event: latest('SELECT event AS text FROM raw_events ORDER BY place DESC LIMIT 1'),
    state: latest('SELECT state AS text FROM desk_states'),
    press: message('press'),
    'contact.started': message('contact.started'),
  };
  kept.close();
  return found;
}
