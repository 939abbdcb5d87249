import { ACCOUNTS } from './page/accounts.ts';
import { CASES } from './page/cases.ts';
import { LOG } from './page/log.ts';
import { REPORTS } from './page/reports.ts';
import { REVIEWS } from './page/reviews.ts';
import { SEARCH } from './page/search.ts';

/**
 * The history of the store's tables. Each entry takes the store from the version before it to its own (its place in
 * the list, kept in SQLite's `user_version`). Landed entries are never changed; new ones are added at the end.
 * Times: `…_wall` Unix milliseconds, `…_mono` milliseconds of the boot's monotonic clock.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sessions (
    session      INTEGER PRIMARY KEY AUTOINCREMENT,
    boot         TEXT NOT NULL,
    started_wall REAL NOT NULL,
    alive_mono   REAL NOT NULL,
    alive_wall   REAL NOT NULL
  ) STRICT;

  CREATE TABLE desk_states (
    desk  TEXT PRIMARY KEY,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE raw_events (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL REFERENCES sessions,
    desk    TEXT NOT NULL,
    wall    REAL NOT NULL,
    event   TEXT NOT NULL
  ) STRICT;
  CREATE INDEX raw_events_by_time ON raw_events (wall);

  CREATE TABLE contacts (
    id           TEXT PRIMARY KEY,
    session      INTEGER NOT NULL REFERENCES sessions,
    desk         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'ended', 'settled')),
    started_wall REAL NOT NULL,
    started_mono REAL NOT NULL,
    ended_wall   REAL,
    ended_mono   REAL,
    duration     REAL,
    end_reason   TEXT,
    served       INTEGER NOT NULL,
    tag          TEXT NOT NULL,
    tag_source   TEXT,
    press_id     TEXT,
    rating       INTEGER,
    top          INTEGER NOT NULL,
    captured     INTEGER NOT NULL,
    clock        TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX contacts_by_time ON contacts (started_wall);
  CREATE INDEX contacts_of_untrusted_clock ON contacts (clock) WHERE clock = 'untrusted';

  CREATE TABLE presses (
    id         TEXT PRIMARY KEY,
    session    INTEGER NOT NULL REFERENCES sessions,
    desk       TEXT NOT NULL,
    contact_id TEXT REFERENCES contacts,
    button     TEXT NOT NULL,
    rating     INTEGER,
    tag        TEXT NOT NULL,
    wall       REAL NOT NULL,
    mono       REAL NOT NULL,
    flags      TEXT NOT NULL,
    clock      TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX presses_by_contact ON presses (contact_id, mono);
  CREATE INDEX presses_of_untrusted_clock ON presses (clock) WHERE clock = 'untrusted';

  CREATE TABLE clips (
    contact_id TEXT PRIMARY KEY REFERENCES contacts,
    state      TEXT NOT NULL CHECK (state IN ('ready', 'failed', 'deleted')),
    reason     TEXT,
    file       TEXT,
    media_type TEXT,
    bytes      INTEGER,
    sha256     TEXT,
    duration   REAL,
    pre_roll   REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE scores (
    contact_id TEXT NOT NULL REFERENCES contacts,
    kind       TEXT NOT NULL,
    model      TEXT NOT NULL,
    version    TEXT NOT NULL,
    scored     INTEGER NOT NULL,
    frames     INTEGER NOT NULL,
    negative   REAL,
    neutral    REAL,
    positive   REAL,
    PRIMARY KEY (contact_id, kind)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outbox (
    sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    type      TEXT NOT NULL,
    desk      TEXT NOT NULL,
    subject   TEXT,
    wall      REAL NOT NULL,
    recorded  REAL NOT NULL,
    data      TEXT NOT NULL,
    published REAL
  ) STRICT;
  CREATE INDEX outbox_waiting ON outbox (sequence) WHERE published IS NULL;
  `,
  // Clips wait for their contact to be settled, and tell how they were cut; vetoes; pauses. SQLite cannot change a
  // CHECK, so the clips move to a new table. Messages that were written before get the fields they lack now.
  `
  ALTER TABLE contacts ADD COLUMN veto INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE new_clips (
    contact_id TEXT PRIMARY KEY REFERENCES contacts,
    state      TEXT NOT NULL CHECK (state IN ('pending', 'ready', 'failed', 'deleted')),
    reason     TEXT,
    file       TEXT,
    media_type TEXT,
    bytes      INTEGER,
    sha256     TEXT,
    duration   REAL,
    pre_roll   REAL,
    manifest   TEXT
  ) STRICT, WITHOUT ROWID;
  INSERT INTO new_clips SELECT contact_id, state, reason, file, media_type, bytes, sha256, duration, pre_roll, NULL
    FROM clips;
  DROP TABLE clips;
  ALTER TABLE new_clips RENAME TO clips;
  CREATE INDEX clips_by_state ON clips (state);

  CREATE TABLE pauses (
    desk       TEXT PRIMARY KEY,
    boot       TEXT NOT NULL,
    until_wall REAL NOT NULL,
    until_mono REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  UPDATE outbox SET data = json_set(data, '$.veto', json('false'), '$.clip.manifest', NULL)
    WHERE type IN ('contact.started', 'contact.closed');
  UPDATE outbox SET data = json_set(data, '$.manifest', NULL) WHERE type = 'clip.ready';
  `,
  // Whose shift it was.
  `
  ALTER TABLE contacts ADD COLUMN receptionist TEXT;
  UPDATE outbox SET data = json_set(data, '$.receptionist', NULL) WHERE type IN ('contact.started', 'contact.closed');
  `,
  // Scores of faces and of sound, with all that decided and a value for each second; what they hint at. What was scored
  // before becomes a summary of its means alone. Hints have a table of their own: nothing that knows a receptionist has one.
  `
  CREATE TABLE new_scores (
    contact_id TEXT NOT NULL REFERENCES contacts,
    kind       TEXT NOT NULL CHECK (kind IN ('face', 'sound')),
    models     TEXT NOT NULL,
    thresholds TEXT NOT NULL,
    summary    TEXT NOT NULL,
    bins_from  REAL NOT NULL,
    bins       TEXT NOT NULL,
    PRIMARY KEY (contact_id, kind)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO new_scores SELECT contact_id, 'face',
      json_array(json_object('id', model, 'version', version, 'licence', 'MIT')), '{}',
      ${oldSummary({ looked: 'frames', scored: 'scored', negative: 'negative', neutral: 'neutral', positive: 'positive' })},
      0, '[]' FROM scores WHERE kind = 'face-expression';
  DROP TABLE scores;
  ALTER TABLE new_scores RENAME TO scores;

  CREATE TABLE hints (
    contact_id TEXT PRIMARY KEY REFERENCES contacts,
    kind       TEXT,
    priority   REAL NOT NULL,
    reasons    TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  UPDATE outbox SET data = json_set(data, '$.hint', NULL, '$.scores', json((
      SELECT json_group_array(json_object('contactId', value ->> 'contactId', 'kind', 'face',
        'models', json_array(json_object('id', value ->> 'model', 'version', value ->> 'version', 'licence', 'MIT')),
        'thresholds', json('{}'), 'summary', json(${oldSummary({
          looked: "value -> 'frames'",
          scored: "value -> 'scored'",
          negative: "value -> 'negative'",
          neutral: "value -> 'neutral'",
          positive: "value -> 'positive'",
        })})))
      FROM json_each(data, '$.scores'))))
    WHERE type IN ('contact.started', 'contact.closed');
  `,
  // What the hub has; who asked for what; receipts of what was erased; copies of clips in an object store. An upload
  // outlives its contact: the copy has to go, too.
  `
  CREATE TABLE outbox_state (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    store        TEXT NOT NULL,
    acknowledged INTEGER NOT NULL,
    dropped      INTEGER NOT NULL
  ) STRICT;
  INSERT INTO outbox_state VALUES (1, lower(hex(randomblob(8))), 0, 0);
  CREATE INDEX outbox_by_subject ON outbox (subject);

  CREATE TABLE actions (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    wall    REAL NOT NULL,
    actor   TEXT NOT NULL CHECK (actor IN ('console', 'mqtt', 'page')),
    action  TEXT NOT NULL,
    target  TEXT NOT NULL,
    outcome TEXT NOT NULL
  ) STRICT;
  CREATE INDEX actions_by_time ON actions (wall);

  CREATE TABLE erasures (
    contact_id TEXT PRIMARY KEY,
    desk       TEXT NOT NULL,
    wall       REAL NOT NULL,
    actor      TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE uploads (
    contact_id TEXT PRIMARY KEY,
    desk       TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'done', 'refused', 'deleting')),
    object     TEXT NOT NULL,
    put        TEXT,
    head       BLOB,
    upload_id  TEXT,
    bytes      INTEGER,
    sha256     TEXT,
    reason     TEXT,
    wall       REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX uploads_by_state ON uploads (state);

  CREATE TABLE upload_parts (
    contact_id TEXT NOT NULL REFERENCES uploads ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    etag       TEXT NOT NULL,
    PRIMARY KEY (contact_id, number)
  ) STRICT, WITHOUT ROWID;
  `,
  // What the page needs: accounts, reviews, cases, reports, and a log that nobody can change unseen.
  [ACCOUNTS, LOG, REVIEWS, SEARCH, CASES, REPORTS].join('\n'),
];

/** A face's summary of the releases that knew no more than means; the SQL that makes its JSON. */
function oldSummary(
  known: Record<'looked' | 'scored' | 'negative' | 'neutral' | 'positive', string>,
): string {
  const means = (['negative', 'neutral', 'positive'] as const).map(
    (name) => `'${name}', json(${known[name]})`,
  );
  return `json_object('looked', ${known.looked}, 'scored', ${known.scored},
      'coverage', coalesce(${known.scored} * 1.0 / nullif(${known.looked} + 0, 0), 0), ${means.join(', ')},
      'held', json_object('negative', 0, 'positive', 0), 'verdict', 'unknown', 'untold', json('{}'), 'others', 0, 'dropped', 0)`;
}
