import { isDeepStrictEqual } from 'node:util';
import type { ContactRecord, PressRecord } from '../../device/store/records.ts';

/** What the device's store holds when all is over. */
export interface Told {
  readonly contacts: readonly ContactRecord[];
  readonly presses: readonly PressRecord[];
  /** Sequence of the newest `contact.closed` of each contact. */
  readonly closed: ReadonlyMap<string, number>;
  /** All sequences of the outbox, those of rows that wait no more included. */
  readonly sequences: readonly number[];
  readonly newest: number;
  readonly acknowledged: number;
  /** Rows without a PUBACK or without an acknowledgement. */
  readonly waiting: number;
}

/** What the hub's database holds. */
export interface Had {
  readonly contacts: readonly { readonly sequence: number; readonly record: ContactRecord }[];
  readonly presses: readonly PressRecord[];
  readonly upTo: number;
  /** What the hub gave up or did not understand. */
  readonly oddities: readonly string[];
}

/** Everything that speaks against "nothing lost, nothing twice, in order, unchanged"; nothing: all is well. */
export function verdictOf(told: Told, had: Had): string[] {
  return [
    ...countsOf(told, had),
    ...sameOf(
      'contact',
      told.contacts,
      had.contacts.map(({ record }) => record),
    ),
    ...sameOf('press', told.presses, had.presses),
    ...sequencesOf(told, had),
    ...orderOf(had),
    ...had.oddities,
  ];
}

function countsOf({ newest, acknowledged, waiting, sequences, contacts }: Told, { upTo }: Had): string[] {
  const gaps = sequences.flatMap((sequence, n) => (sequence === n + 1 ? [] : [sequence]));
  const unsettled = contacts.filter(({ state }) => state !== 'settled');
  return [
    ...(waiting === 0 ? [] : [`${waiting} rows wait in the outbox`]),
    ...(acknowledged === newest ? [] : [`acknowledged up to ${acknowledged}, the newest is ${newest}`]),
    ...(upTo === newest ? [] : [`the hub has all up to ${upTo}, the newest is ${newest}`]),
    ...(sequences.length === newest && gaps.length === 0
      ? []
      : [
          `the outbox has ${sequences.length} rows up to ${newest}; first gap before ${gaps[0] ?? 'its end'}`,
        ]),
    ...unsettled.map(({ id, state }) => `contact ${id} is ${state} on the device`),
  ];
}

/** Each record of the device once at the hub, equal field by field, and no others. */
function sameOf<T extends { id: string }>(kind: string, told: readonly T[], had: readonly T[]): string[] {
  const there = new Map<string, T>();
  const wrong: string[] = [];
  for (const record of had) {
    if (there.has(record.id)) wrong.push(`${kind} ${record.id} is there twice`);
    there.set(record.id, record);
  }
  for (const record of told) {
    const found = there.get(record.id);
    there.delete(record.id);
    if (!found) wrong.push(`${kind} ${record.id} is missing`);
    else if (!isDeepStrictEqual(found, record)) wrong.push(`${kind} ${record.id}: ${changed(record, found)}`);
  }
  return [...wrong, ...[...there.keys()].map((id) => `${kind} ${id} is of nobody`)];
}

/** The fields that differ. */
function changed(told: object, had: object): string {
  const [mine, theirs] = [new Map(Object.entries(told)), new Map(Object.entries(had))];
  return [...new Set([...mine.keys(), ...theirs.keys()])]
    .filter((field) => !isDeepStrictEqual(mine.get(field), theirs.get(field)))
    .map((field) => `${field} ${JSON.stringify(mine.get(field))} → ${JSON.stringify(theirs.get(field))}`)
    .join(', ');
}

function sequencesOf({ closed }: Told, { contacts }: Had): string[] {
  return contacts.flatMap(({ sequence, record: { id } }) =>
    closed.get(id) === sequence ? [] : [`contact ${id} by ${sequence}, told last by ${closed.get(id)}`],
  );
}

/** At each desk, who came earlier was told earlier. */
function orderOf({ contacts }: Had): string[] {
  const bySequence = [...contacts].sort((a, b) => a.sequence - b.sequence);
  const last = new Map<string, ContactRecord>();
  return bySequence.flatMap(({ record }) => {
    const before = last.get(record.desk);
    last.set(record.desk, record);
    if (!before || before.startedAt <= record.startedAt) return [];
    return [`${record.desk}: contact ${record.id} came before ${before.id} and is told after it`];
  });
}
