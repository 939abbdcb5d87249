import type { Changes } from './apply.ts';
import type { Transaction } from './database.ts';

/**
 * Writes changes down, a statement a table. They are sent at once and carried out in this order: what is erased is
 * known before anything of it could be written again.
 */
export async function write(sql: Transaction, changes: Changes): Promise<void> {
  const { standings, contacts, reviews, presses, clips, alerts, erased, dropped, holes, rejected } = changes;
  const statements: Promise<unknown>[] = [];
  /** `rows` as the parameter of a statement, which is left out where there are none. */
  const each = (rows: readonly unknown[], statement: (rows: string) => Promise<unknown>) => {
    if (rows.length > 0) statements.push(statement(JSON.stringify(rows)));
  };

  each(
    erased,
    (rows) => sql`
    INSERT INTO erased (device, contact_id, desk, "time", object, actor)
    SELECT DISTINCT ON (device, contact_id) device, contact_id, desk, "time", object, actor
      FROM jsonb_to_recordset(${rows}::text::jsonb)
        AS r (device text, contact_id text, desk text, "time" timestamptz, object text, actor text)
    ON CONFLICT DO NOTHING`,
  );

  each(
    contacts,
    (rows) => sql`
    INSERT INTO contacts (device, id, store, sequence, desk, state, started_at, ended_at, served, tag, rating, record)
    SELECT device, record->>'id', store, sequence, record->>'desk', record->>'state',
           (record->>'startedAt')::timestamptz, (record->>'endedAt')::timestamptz, (record->>'served')::boolean,
           record->>'tag', (record->>'rating')::double precision, record
      FROM jsonb_to_recordset(${rows}::text::jsonb) AS r (device text, store text, sequence bigint, record jsonb)
     WHERE NOT EXISTS (SELECT FROM erased e WHERE e.device = r.device AND e.contact_id = r.record->>'id')
    ON CONFLICT (device, id) DO UPDATE SET
      store = excluded.store, sequence = excluded.sequence, desk = excluded.desk, state = excluded.state,
      started_at = excluded.started_at, ended_at = excluded.ended_at, served = excluded.served,
      tag = excluded.tag, rating = excluded.rating, record = excluded.record
    WHERE contacts.store <> excluded.store OR contacts.sequence < excluded.sequence`,
  );

  each(
    reviews,
    (rows) => sql`
    INSERT INTO reviews (device, contact_id, store, sequence, desk, "time", tag, causes, record)
    SELECT device, record->>'contactId', store, sequence, record->>'desk', (record->>'at')::timestamptz,
           record->>'tag', record->'causes', record
      FROM jsonb_to_recordset(${rows}::text::jsonb) AS r (device text, store text, sequence bigint, record jsonb)
     WHERE NOT EXISTS (SELECT FROM erased e WHERE e.device = r.device AND e.contact_id = r.record->>'contactId')
    ON CONFLICT (device, contact_id) DO UPDATE SET
      store = excluded.store, sequence = excluded.sequence, desk = excluded.desk, "time" = excluded."time",
      tag = excluded.tag, causes = excluded.causes, record = excluded.record
    WHERE reviews.store <> excluded.store OR reviews.sequence < excluded.sequence`,
  );

  each(
    presses,
    (rows) => sql`
    INSERT INTO presses (device, id, store, sequence, desk, contact_id, "time", rating, tag, record)
    SELECT device, record->>'id', store, sequence, record->>'desk', record->>'contactId',
           (record->>'time')::timestamptz, (record->>'rating')::double precision, record->>'tag', record
      FROM jsonb_to_recordset(${rows}::text::jsonb) AS r (device text, store text, sequence bigint, record jsonb)
     WHERE NOT EXISTS (SELECT FROM erased e WHERE e.device = r.device AND e.contact_id = r.record->>'contactId')
    ON CONFLICT (device, id) DO UPDATE SET
      store = excluded.store, sequence = excluded.sequence, desk = excluded.desk, contact_id = excluded.contact_id,
      "time" = excluded."time", rating = excluded.rating, tag = excluded.tag, record = excluded.record
    WHERE presses.store <> excluded.store OR presses.sequence < excluded.sequence`,
  );

  each(
    clips,
    (rows) => sql`
    INSERT INTO clips (device, contact_id, kind, store, sequence, record)
    SELECT device, contact_id, kind, store, sequence, record
      FROM jsonb_to_recordset(${rows}::text::jsonb)
        AS r (device text, contact_id text, kind text, store text, sequence bigint, record jsonb)
     WHERE NOT EXISTS (SELECT FROM erased e WHERE e.device = r.device AND e.contact_id = r.contact_id)
    ON CONFLICT (device, contact_id, kind) DO UPDATE SET
      store = excluded.store, sequence = excluded.sequence, record = excluded.record
    WHERE clips.store <> excluded.store OR clips.sequence < excluded.sequence`,
  );

  each(
    alerts,
    (rows) => sql`
    INSERT INTO alerts (device, store, sequence, desk, contact_id, "time", code, reason)
    SELECT * FROM jsonb_to_recordset(${rows}::text::jsonb)
        AS r (device text, store text, sequence bigint, desk text, contact_id text, "time" timestamptz,
              code text, reason text)
     WHERE NOT EXISTS (SELECT FROM erased e WHERE e.device = r.device AND e.contact_id = r.contact_id)
    ON CONFLICT DO NOTHING`,
  );

  for (const [table, id] of [
    ['contacts', 'id'],
    ...['reviews', 'presses', 'clips', 'alerts'].map((t) => [t, 'contact_id']),
  ])
    each(
      erased,
      (rows) => sql`
      DELETE FROM ${sql(table ?? '')} AS t
       USING jsonb_to_recordset(${rows}::text::jsonb) AS r (device text, contact_id text)
       WHERE t.device = r.device AND t.${sql(id ?? '')} = r.contact_id`,
    );

  // Neighbours that are dropped later become one row with what was told of already: the widest says it all.
  each(
    dropped,
    (rows) => sql`
    INSERT INTO dropped (device, store, sequence, first, counts, reason)
    SELECT DISTINCT ON (device, store, sequence) *
      FROM jsonb_to_recordset(${rows}::text::jsonb)
        AS r (device text, store text, sequence bigint, first bigint, counts jsonb, reason text)
     WHERE NOT EXISTS (SELECT FROM dropped d WHERE d.device = r.device AND d.store = r.store
                          AND d.sequence > r.sequence AND d.first <= r.sequence)
     ORDER BY device, store, sequence, first
    ON CONFLICT (device, store, sequence) DO UPDATE SET
      first = excluded.first, counts = excluded.counts, reason = excluded.reason
    WHERE dropped.first > excluded.first`,
  );
  each(
    dropped,
    (rows) => sql`
    DELETE FROM dropped AS d
     USING jsonb_to_recordset(${rows}::text::jsonb) AS r (device text, store text, sequence bigint, first bigint)
     WHERE d.device = r.device AND d.store = r.store AND d.sequence >= r.first AND d.sequence < r.sequence`,
  );

  each(
    holes,
    (rows) => sql`
    INSERT INTO holes (device, store, first, last, "time")
    SELECT *, now() FROM jsonb_to_recordset(${rows}::text::jsonb)
        AS r (device text, store text, first bigint, last bigint)
    ON CONFLICT DO NOTHING`,
  );

  each(
    rejected,
    (rows) => sql`
    INSERT INTO rejected (topic, device, store, sequence, "time", reason)
    SELECT topic, device, store, sequence, now(), reason
      FROM jsonb_to_recordset(${rows}::text::jsonb)
        AS r (topic text, device text, store text, sequence bigint, reason text)
    ON CONFLICT DO NOTHING`,
  );

  const stand = standings.map(({ arrived: { upTo, ahead }, ...rest }) => ({ ...rest, up_to: upTo, ahead }));
  each(
    stand,
    (rows) => sql`
    UPDATE devices AS d
       SET up_to = r.up_to, ahead = r.ahead, session = r.session, state = r.state, since = r.since
      FROM jsonb_to_recordset(${rows}::text::jsonb)
        AS r (device text, store text, up_to bigint, ahead jsonb, session bigint, state text, since timestamptz)
     WHERE d.device = r.device AND d.store = r.store`,
  );

  await Promise.all(statements);
}
