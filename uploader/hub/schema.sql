-- The tables of the hub. Sequences are those of one store of one device; times are UTC.
-- Whoever looks a contact up reads `contacts` and `clips`; the rest is bookkeeping.

-- Which events are there. A device whose disk was replaced has a new store, and a row more.
CREATE TABLE IF NOT EXISTS devices (
  device  text NOT NULL,
  store   text NOT NULL,
  up_to   bigint NOT NULL DEFAULT 0,             -- nothing up to this one is missing: what `ack` says
  ahead   jsonb NOT NULL DEFAULT '[]',           -- what is there beyond the first gap: [[first, last], …]
  session bigint,                                -- of `state`: one more at each start of the service
  state   text,                                  -- ready, degraded, stopped or lost; null: nothing heard
  since   timestamptz,
  PRIMARY KEY (device, store)
);

-- A contact as its newest event tells it; `sequence` (of `store`) is that event's.
CREATE TABLE IF NOT EXISTS contacts (
  device     text NOT NULL,
  id         text NOT NULL,
  store      text NOT NULL,
  sequence   bigint NOT NULL,
  desk       text NOT NULL,
  state      text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz,
  served     boolean NOT NULL,
  tag        text NOT NULL,
  rating     double precision,
  record     jsonb NOT NULL,                     -- the whole of it: ContactRecord
  PRIMARY KEY (device, id)
);
CREATE INDEX IF NOT EXISTS contacts_by_time ON contacts (device, desk, started_at);

-- What a person said of a contact last. Where there is one, its tag is the contact's.
CREATE TABLE IF NOT EXISTS reviews (
  device     text NOT NULL,
  contact_id text NOT NULL,
  store      text NOT NULL,
  sequence   bigint NOT NULL,
  desk       text NOT NULL,
  "time"     timestamptz NOT NULL,
  tag        text NOT NULL,
  causes     jsonb NOT NULL,                     -- ids, as the device's taxonomy had them
  record     jsonb NOT NULL,                     -- ReviewRecord
  PRIMARY KEY (device, contact_id)
);

CREATE TABLE IF NOT EXISTS presses (
  device     text NOT NULL,
  id         text NOT NULL,
  store      text NOT NULL,
  sequence   bigint NOT NULL,
  desk       text NOT NULL,
  contact_id text,
  "time"     timestamptz NOT NULL,
  rating     double precision,
  tag        text NOT NULL,
  record     jsonb NOT NULL,                     -- PressRecord
  PRIMARY KEY (device, id)
);
CREATE INDEX IF NOT EXISTS presses_by_contact ON presses (device, contact_id);

-- What was told of a contact's clip: each kind by its newest event. A clip that has `deleted` is gone on the device.
CREATE TABLE IF NOT EXISTS clips (
  device     text NOT NULL,
  contact_id text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('ready', 'uploaded', 'deleted')),
  store      text NOT NULL,
  sequence   bigint NOT NULL,
  record     jsonb NOT NULL,                     -- data of clip.ready, clip.uploaded or clip.deleted
  PRIMARY KEY (device, contact_id, kind)
);

CREATE TABLE IF NOT EXISTS alerts (
  device     text NOT NULL,
  store      text NOT NULL,
  sequence   bigint NOT NULL,
  desk       text NOT NULL,
  contact_id text,
  "time"     timestamptz NOT NULL,
  code       text NOT NULL,
  reason     text NOT NULL,
  PRIMARY KEY (device, store, sequence)
);

-- Contacts that nobody may keep: a message that comes late must not bring one back.
CREATE TABLE IF NOT EXISTS erased (
  device     text NOT NULL,
  contact_id text NOT NULL,
  desk       text NOT NULL,
  "time"     timestamptz NOT NULL,
  object     text,                               -- its clip's copy in the object store
  actor      text NOT NULL,
  PRIMARY KEY (device, contact_id)
);

-- What the device says that it dropped: events from `first` to `sequence`.
CREATE TABLE IF NOT EXISTS dropped (
  device   text NOT NULL,
  store    text NOT NULL,
  sequence bigint NOT NULL,
  first    bigint NOT NULL,
  counts   jsonb NOT NULL,
  reason   text NOT NULL,
  PRIMARY KEY (device, store, sequence)
);

-- What the device no longer has and has never accounted for: these events will not come.
CREATE TABLE IF NOT EXISTS holes (
  device text NOT NULL,
  store  text NOT NULL,
  first  bigint NOT NULL,
  last   bigint NOT NULL,
  "time" timestamptz NOT NULL,
  PRIMARY KEY (device, store, first)
);

-- Messages that are not as the schema says or that the tables cannot take; without their payload, of which nobody
-- knows what it is. Of those that have no number, one a topic.
CREATE TABLE IF NOT EXISTS rejected (
  place    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic    text NOT NULL,
  device   text NOT NULL,
  store    text,
  sequence bigint,
  "time"   timestamptz NOT NULL,
  reason   text NOT NULL,
  UNIQUE NULLS NOT DISTINCT (device, topic, store, sequence)
);
