import { existsSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Health } from '../device/service.ts';
import type {
  ClipDeletion,
  ClipRecord,
  ContactRecord,
  EventType,
  IndicesRecord,
  OutboxRow,
  PressRecord,
  ScoreRecord,
} from '../device/store/records.ts';
import { eventOf } from './event.ts';
import type { EventData, HealthMessage, IndicesMessage } from './messages.ts';
import { published } from './publish.ts';
import type { clipRecord, scoreRecord } from './record-schemas.ts';
import { byDevice, messagesSchema, toDevice } from './spoken.ts';

type Output<T extends { _output: unknown }> = T['_output'];

const ajv = new Ajv2020({ strictTypes: false });
addFormats.default(ajv);
const fits = ajv.compile(messagesSchema());

const press: PressRecord = {
  id: 'p1',
  desk: 'front',
  contactId: null,
  button: 'happy',
  rating: 5,
  tag: 'positive',
  time: '2026-01-05T08:00:00.000Z',
  clock: 'trusted',
  flags: ['nobody-there'],
};
const row: Omit<OutboxRow, 'text'> = {
  sequence: 42,
  id: 'row-42',
  type: 'press',
  desk: 'front',
  subject: null,
  time: '2026-01-05T08:00:00.000Z',
  recordedTime: '2026-01-05T08:00:00.004Z',
  data: press,
};
const send = (change: Partial<Omit<OutboxRow, 'text'>>) => {
  const whole = { ...row, ...change };
  const sent = { ...whole, text: JSON.stringify(whole.data) };
  const { topic, payload } = eventOf(sent, { device: 'clinic', store: '0123456789abcdef' });
  return { topic, payload: JSON.parse(payload) };
};

describe('messages', () => {
  it('have the types of the store, in both directions', () => {
    // Not equal: what the models give is read-only.
    expectTypeOf<EventData['contact.closed']>().toExtend<ContactRecord>();
    expectTypeOf<ContactRecord>().toExtend<EventData['contact.closed']>();
    expectTypeOf<EventData['contact.started']>().toEqualTypeOf<EventData['contact.closed']>();
    expectTypeOf<EventData['press']>().toEqualTypeOf<PressRecord>();
    expectTypeOf<EventData['clip.ready']>().toExtend<ClipRecord & { desk: string }>();
    // What nobody was told of is not told to be gone.
    type Told = Exclude<ClipDeletion, 'not-kept'>;
    expectTypeOf<EventData['clip.deleted']['reason']>().toEqualTypeOf<Told>();
    expectTypeOf<keyof EventData>().toEqualTypeOf<EventType>();
    expectTypeOf<Output<typeof clipRecord>>().toEqualTypeOf<ClipRecord>();
    expectTypeOf<Output<typeof scoreRecord>>().toExtend<ScoreRecord>();
    expectTypeOf<ScoreRecord>().toExtend<Output<typeof scoreRecord>>();
    expectTypeOf<IndicesMessage>().toEqualTypeOf<IndicesRecord>();
    expectTypeOf<Health>().toExtend<HealthMessage['modules'][string]>();
  });

  it('are published as they are in the code (else run `npm run schemas`)', () => {
    for (const [file, text] of Object.entries(published()))
      expect(readFileSync(new URL(file, import.meta.url), 'utf8') === text, file).toBe(true);
  });

  it('carry a sequence that orders as text', () => {
    expect(send({}).payload).toMatchObject({ sequence: '0000000000000042', data: press });
    expect(send({ sequence: 9 }).payload.sequence < send({ sequence: 10 }).payload.sequence).toBe(true);
    expect(String(Number.MAX_SAFE_INTEGER)).toHaveLength(16);
  });

  it('are told apart by the schema', () => {
    expect(fits(send({}))).toBe(true);
    expect(fits(send({ subject: 'c1' }))).toBe(true);
    expect(fits(send({ time: '2026-01-05T09:00:00+01:00' }))).toBe(false);
    expect(fits(send({ data: { ...press, comment: 'said something' } }))).toBe(false);
    expect(fits({ ...send({}), topic: 'ca/v1/clinic/events/alert' })).toBe(false);
    expect(fits({ ...send({}), topic: 'ca/v1/clinic/events/unknown' })).toBe(false);
  });

  it('may stand behind a prefix, and not behind half a word', () => {
    const { payload } = send({});
    expect(fits({ topic: 'clinics/north/ca/v1/clinic/events/press', payload })).toBe(true);
    expect(fits({ topic: 'clinics/+/ca/v1/clinic/events/press', payload })).toBe(false);
    expect(fits({ topic: 'africa/v1/clinic/events/press', payload })).toBe(false);
  });

  it('to the device are checked as well', () => {
    const ack = { store: '0123456789abcdef', upTo: 7 };
    expect(fits({ topic: 'ca/v1/clinic/ack', payload: ack })).toBe(true);
    expect(fits({ topic: 'ca/v1/clinic/ack', payload: { upTo: 7 } })).toBe(false);
    expect(fits({ topic: 'ca/v1/clinic/cmd/resend', payload: { from: 7 } })).toBe(true);
    expect(fits({ topic: 'ca/v1/clinic/cmd/resend', payload: { from: 0 } })).toBe(false);
    expect(fits({ topic: 'ca/v1/clinic/cmd/reboot', payload: {} })).toBe(false);
  });

  it('that answer commands are checked where they may go', () => {
    const topic = 'ca/v1/clinic/answers/hub';
    const no = { ok: false, code: 'CA_MESSAGES_GONE', message: 'gone', remedy: 'none' };
    expect(fits({ topic, payload: { ok: true, result: { from: 7, to: 9 } } })).toBe(true);
    expect(fits({ topic, payload: no })).toBe(true);
    expect(fits({ topic, payload: { ...no, ok: true } })).toBe(false);
  });
});

describe('README', () => {
  const text = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const found = [...text.matchAll(/^### `(ca\/v1\/[^`]+)`$[\s\S]*?```json\n([\s\S]*?)```/gm)];
  const examples = found.map(([, topic = '', json = '']): [string, unknown] => [topic, JSON.parse(json)]);

  it.each(examples)('has a true example of %s', (topic, payload) => {
    fits({ topic, payload });
    expect(fits.errors ?? []).toEqual([]);
  });

  it('has an example of every message, and a line of the table with its topic and schema', () => {
    const { ack } = toDevice;
    const told = { ...byDevice, ...(ack && { ack }) };
    expect(examples).toHaveLength(Object.keys(told).length);
    for (const [name, { topic, retain }] of Object.entries(told)) {
      expect(text).toContain(
        `| \`${topic.replace('|', '\\|')}\` | \`${name}\` | 1 | ${retain ? 'yes' : 'no'} |`,
      );
    }
  });

  it('names the files that there are', () => {
    const table = text.slice(0, text.indexOf('## Watch'));
    const files = [...table.matchAll(/`([a-z/-]+(?:\.[a-z]+)*\/?)`/g)].map(([, file = '']) => file);
    const missing = files.filter((file) => /[./]/.test(file) && !existsSync(new URL(file, import.meta.url)));
    expect(missing).toEqual([]);
  });
});
