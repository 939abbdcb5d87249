-- A store as the release with version 1 of the tables left it: contacts in all states, clips, a desk in its grace time.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE sessions (
    session      INTEGER PRIMARY KEY AUTOINCREMENT,
    boot         TEXT NOT NULL,
    started_wall REAL NOT NULL,
    alive_mono   REAL NOT NULL,
    alive_wall   REAL NOT NULL
  ) STRICT;
INSERT INTO sessions VALUES(1,'boot-1',1767600000000.0,255000.0,1767600250000.0);
INSERT INTO sessions VALUES(2,'boot-1',1767600300000.0,339000.0,1767600334000.0);
CREATE TABLE desk_states (
    desk  TEXT PRIMARY KEY,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
INSERT INTO desk_states VALUES('back','{"presence":{"phase":"present","id":"f","since":{"mono":310000,"wall":1767600305000}},"open":{"id":"f","startedAt":{"mono":310000,"wall":1767600305000},"endedAt":null,"endReason":null,"duration":null,"served":false,"tag":"positive","tagSource":"press","pressId":"f1","rating":5,"top":true},"ended":null,"undecided":[],"recent":[{"id":"f1","button":"happy","at":{"mono":339000,"wall":1767600334000},"contactId":"f","rating":5,"tag":"positive","top":true,"flags":[]}],"last":339000}');
INSERT INTO desk_states VALUES('front','{"presence":{"phase":"arriving","id":"x","since":{"mono":338500,"wall":1767600333500}},"open":null,"ended":{"id":"d","startedAt":{"mono":315000,"wall":1767600310000},"endedAt":{"mono":335000,"wall":1767600330000},"endReason":"departed","duration":20000,"served":true,"tag":"negative","tagSource":"press","pressId":"d1","rating":1,"top":false},"undecided":[{"id":"x1","button":"happy","at":{"mono":339000,"wall":1767600334000}}],"recent":[{"id":"d1","button":"unhappy","at":{"mono":325000,"wall":1767600320000},"contactId":"d","rating":1,"tag":"negative","top":false,"flags":[]}],"last":339000}');
CREATE TABLE raw_events (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL REFERENCES sessions,
    desk    TEXT NOT NULL,
    wall    REAL NOT NULL,
    event   TEXT NOT NULL
  ) STRICT;
INSERT INTO raw_events VALUES(1,1,'front',1767600010000.0,'{"desk":"front","id":"a","kind":"presence","present":true,"time":"2026-01-05T08:00:10.000Z","mono":15000}');
INSERT INTO raw_events VALUES(2,1,'front',1767600020000.0,'{"desk":"front","id":"a1","kind":"press","button":"unhappy","time":"2026-01-05T08:00:20.000Z","mono":25000}');
INSERT INTO raw_events VALUES(3,1,'front',1767600029000.0,'{"desk":"front","id":"a9","kind":"presence","present":false,"time":"2026-01-05T08:00:29.000Z","mono":34000}');
INSERT INTO raw_events VALUES(4,1,'front',1767600100000.0,'{"desk":"front","id":"b","kind":"presence","present":true,"time":"2026-01-05T08:01:40.000Z","mono":105000}');
INSERT INTO raw_events VALUES(5,1,'front',1767600110000.0,'{"desk":"front","id":"b1","kind":"press","button":"happy","time":"2026-01-05T08:01:50.000Z","mono":115000}');
INSERT INTO raw_events VALUES(6,1,'front',1767600110400.0,'{"desk":"front","id":"b2","kind":"press","button":"happy","time":"2026-01-05T08:01:50.400Z","mono":115400}');
INSERT INTO raw_events VALUES(7,1,'front',1767600120000.0,'{"desk":"front","id":"b9","kind":"presence","present":false,"time":"2026-01-05T08:02:00.000Z","mono":125000}');
INSERT INTO raw_events VALUES(8,1,'front',1767600200000.0,'{"desk":"front","id":"c","kind":"presence","present":true,"time":"2026-01-05T08:03:20.000Z","mono":205000}');
INSERT INTO raw_events VALUES(9,1,'front',1767600220000.0,'{"desk":"front","id":"c9","kind":"presence","present":false,"time":"2026-01-05T08:03:40.000Z","mono":225000}');
INSERT INTO raw_events VALUES(10,1,'front',1767600250000.0,'{"desk":"front","id":"s","kind":"shutdown","time":"2026-01-05T08:04:10.000Z","mono":255000}');
INSERT INTO raw_events VALUES(11,2,'front',1767600300000.0,'{"desk":"front","id":"t","kind":"start","lastAlive":{"time":"2026-01-05T08:04:10.000Z","mono":255000},"time":"2026-01-05T08:05:00.000Z","mono":305000}');
INSERT INTO raw_events VALUES(12,2,'front',1767600310000.0,'{"desk":"front","id":"d","kind":"presence","present":true,"time":"2026-01-05T08:05:10.000Z","mono":315000}');
INSERT INTO raw_events VALUES(13,2,'front',1767600320000.0,'{"desk":"front","id":"d1","kind":"press","button":"unhappy","time":"2026-01-05T08:05:20.000Z","mono":325000}');
INSERT INTO raw_events VALUES(14,2,'front',1767600330000.0,'{"desk":"front","id":"d9","kind":"presence","present":false,"time":"2026-01-05T08:05:30.000Z","mono":335000}');
INSERT INTO raw_events VALUES(15,2,'front',1767600333500.0,'{"desk":"front","id":"x","kind":"presence","present":true,"time":"2026-01-05T08:05:33.500Z","mono":338500}');
INSERT INTO raw_events VALUES(16,2,'front',1767600334000.0,'{"desk":"front","id":"x1","kind":"press","button":"happy","time":"2026-01-05T08:05:34.000Z","mono":339000}');
INSERT INTO raw_events VALUES(17,2,'back',1767600305000.0,'{"desk":"back","id":"f","kind":"presence","present":true,"time":"2026-01-05T08:05:05.000Z","mono":310000}');
INSERT INTO raw_events VALUES(18,2,'back',1767600334000.0,'{"desk":"back","id":"f1","kind":"press","button":"happy","time":"2026-01-05T08:05:34.000Z","mono":339000}');
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
INSERT INTO contacts VALUES('a',1,'front','settled',1767600010000.0,15000.0,1767600029000.0,34000.0,19000.0,'departed',1,'negative','press','a1',1,0,1,'trusted');
INSERT INTO contacts VALUES('b',1,'front','settled',1767600100000.0,105000.0,1767600120000.0,125000.0,20000.0,'departed',1,'positive','press','b1',5,1,1,'trusted');
INSERT INTO contacts VALUES('c',1,'front','settled',1767600200000.0,205000.0,1767600220000.0,225000.0,20000.0,'departed',1,'unrated',NULL,NULL,NULL,0,1,'trusted');
INSERT INTO contacts VALUES('d',2,'front','ended',1767600310000.0,315000.0,1767600330000.0,335000.0,20000.0,'departed',1,'negative','press','d1',1,0,1,'trusted');
INSERT INTO contacts VALUES('f',2,'back','open',1767600305000.0,310000.0,NULL,NULL,NULL,NULL,0,'positive','press','f1',5,1,1,'trusted');
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
INSERT INTO presses VALUES('a1',1,'front','a','unhappy',1,'negative',1767600020000.0,25000.0,'[]','trusted');
INSERT INTO presses VALUES('b1',1,'front','b','happy',5,'positive',1767600110000.0,115000.0,'[]','trusted');
INSERT INTO presses VALUES('b2',1,'front','b','happy',5,'positive',1767600110400.0,115400.0,'["repeat"]','trusted');
INSERT INTO presses VALUES('d1',2,'front','d','unhappy',1,'negative',1767600320000.0,325000.0,'[]','trusted');
INSERT INTO presses VALUES('f1',2,'back','f','happy',5,'positive',1767600334000.0,339000.0,'[]','trusted');
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
INSERT INTO clips VALUES('a','ready',NULL,'2026-01-05/a.mp4','video/mp4',4194304,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',26000.5,5012.0);
INSERT INTO clips VALUES('b','failed','nothing was captured during this contact',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO clips VALUES('c','ready',NULL,'2026-01-05/c.mp4','video/mp4',4194304,'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc',26000.5,5012.0);
INSERT INTO clips VALUES('d','ready',NULL,'2026-01-05/d.mp4','video/mp4',4194304,'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',26000.5,5012.0);
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
INSERT INTO scores VALUES('a','face-expression','face-api expression','1.7.15',9,12,0.62,0.3,0.08);
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
INSERT INTO outbox VALUES(1,'m1','contact.started','front','a',1767600010000.0,1767600012000.0,'{"id":"a","device":"clinic","desk":"front","state":"open","startedAt":"2026-01-05T08:00:10.000Z","endedAt":null,"duration":null,"endReason":null,"served":false,"tag":"unrated","tagSource":null,"rating":null,"top":false,"clock":"trusted","presses":[],"clip":null,"scores":[]}',1767600240000.0);
INSERT INTO outbox VALUES(2,'m2','press','front','a',1767600020000.0,1767600020000.0,'{"id":"a1","desk":"front","contactId":"a","button":"unhappy","rating":1,"tag":"negative","time":"2026-01-05T08:00:20.000Z","clock":"trusted","flags":[]}',1767600240000.0);
INSERT INTO outbox VALUES(3,'m3','clip.ready','front','a',1767600032000.0,1767600031000.0,'{"desk":"front","contactId":"a","state":"ready","reason":null,"file":"2026-01-05/a.mp4","mediaType":"video/mp4","bytes":4194304,"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","duration":26000.5,"preRoll":5012}',1767600240000.0);
INSERT INTO outbox VALUES(4,'m4','contact.closed','front','a',1767600029000.0,1767600040000.0,'{"id":"a","device":"clinic","desk":"front","state":"settled","startedAt":"2026-01-05T08:00:10.000Z","endedAt":"2026-01-05T08:00:29.000Z","duration":19000,"endReason":"departed","served":true,"tag":"negative","tagSource":"press","rating":1,"top":false,"clock":"trusted","presses":[{"id":"a1","desk":"front","contactId":"a","button":"unhappy","rating":1,"tag":"negative","time":"2026-01-05T08:00:20.000Z","clock":"trusted","flags":[]}],"clip":{"state":"ready","reason":null,"file":"2026-01-05/a.mp4","bytes":4194304,"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","duration":26000.5,"contactId":"a","mediaType":"video/mp4","preRoll":5012},"scores":[{"contactId":"a","kind":"face-expression","model":"face-api expression","version":"1.7.15","scored":9,"frames":12,"negative":0.62,"neutral":0.3,"positive":0.08}]}',1767600240000.0);
INSERT INTO outbox VALUES(5,'m5','contact.started','front','b',1767600100000.0,1767600110000.0,'{"id":"b","device":"clinic","desk":"front","state":"open","startedAt":"2026-01-05T08:01:40.000Z","endedAt":null,"duration":null,"endReason":null,"served":false,"tag":"unrated","tagSource":null,"rating":null,"top":false,"clock":"trusted","presses":[],"clip":null,"scores":[]}',1767600240000.0);
INSERT INTO outbox VALUES(6,'m6','press','front','b',1767600110000.0,1767600110000.0,'{"id":"b1","desk":"front","contactId":"b","button":"happy","rating":5,"tag":"positive","time":"2026-01-05T08:01:50.000Z","clock":"trusted","flags":[]}',NULL);
INSERT INTO outbox VALUES(7,'m7','press','front','b',1767600110400.0,1767600110400.0,'{"id":"b2","desk":"front","contactId":"b","button":"happy","rating":5,"tag":"positive","time":"2026-01-05T08:01:50.400Z","clock":"trusted","flags":["repeat"]}',NULL);
INSERT INTO outbox VALUES(8,'m8','contact.closed','front','b',1767600120000.0,1767600130000.0,'{"id":"b","device":"clinic","desk":"front","state":"settled","startedAt":"2026-01-05T08:01:40.000Z","endedAt":"2026-01-05T08:02:00.000Z","duration":20000,"endReason":"departed","served":true,"tag":"positive","tagSource":"press","rating":5,"top":true,"clock":"trusted","presses":[{"id":"b1","desk":"front","contactId":"b","button":"happy","rating":5,"tag":"positive","time":"2026-01-05T08:01:50.000Z","clock":"trusted","flags":[]},{"id":"b2","desk":"front","contactId":"b","button":"happy","rating":5,"tag":"positive","time":"2026-01-05T08:01:50.400Z","clock":"trusted","flags":["repeat"]}],"clip":null,"scores":[]}',NULL);
INSERT INTO outbox VALUES(9,'m9','alert','front','b',1767600131000.0,1767600130000.0,'{"desk":"front","code":"CA_CLIP_FAILED","reason":"nothing was captured during this contact"}',NULL);
INSERT INTO outbox VALUES(10,'m10','contact.started','front','c',1767600200000.0,1767600220000.0,'{"id":"c","device":"clinic","desk":"front","state":"open","startedAt":"2026-01-05T08:03:20.000Z","endedAt":null,"duration":null,"endReason":null,"served":false,"tag":"unrated","tagSource":null,"rating":null,"top":false,"clock":"trusted","presses":[],"clip":null,"scores":[]}',NULL);
INSERT INTO outbox VALUES(11,'m11','contact.closed','front','c',1767600220000.0,1767600240000.0,'{"id":"c","device":"clinic","desk":"front","state":"settled","startedAt":"2026-01-05T08:03:20.000Z","endedAt":"2026-01-05T08:03:40.000Z","duration":20000,"endReason":"departed","served":true,"tag":"unrated","tagSource":null,"rating":null,"top":false,"clock":"trusted","presses":[],"clip":null,"scores":[]}',NULL);
INSERT INTO outbox VALUES(12,'m12','clip.ready','front','c',1767600241000.0,1767600240000.0,'{"desk":"front","contactId":"c","state":"ready","reason":null,"file":"2026-01-05/c.mp4","mediaType":"video/mp4","bytes":4194304,"sha256":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","duration":26000.5,"preRoll":5012}',NULL);
INSERT INTO outbox VALUES(13,'m13','contact.started','front','d',1767600310000.0,1767600312000.0,'{"id":"d","device":"clinic","desk":"front","state":"open","startedAt":"2026-01-05T08:05:10.000Z","endedAt":null,"duration":null,"endReason":null,"served":false,"tag":"unrated","tagSource":null,"rating":null,"top":false,"clock":"trusted","presses":[],"clip":null,"scores":[]}',NULL);
INSERT INTO outbox VALUES(14,'m14','press','front','d',1767600320000.0,1767600320000.0,'{"id":"d1","desk":"front","contactId":"d","button":"unhappy","rating":1,"tag":"negative","time":"2026-01-05T08:05:20.000Z","clock":"trusted","flags":[]}',NULL);
INSERT INTO outbox VALUES(15,'m15','clip.ready','front','d',1767600333000.0,1767600332000.0,'{"desk":"front","contactId":"d","state":"ready","reason":null,"file":"2026-01-05/d.mp4","mediaType":"video/mp4","bytes":4194304,"sha256":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","duration":26000.5,"preRoll":5012}',NULL);
INSERT INTO outbox VALUES(16,'m16','contact.started','back','f',1767600305000.0,1767600307000.0,'{"id":"f","device":"clinic","desk":"back","state":"open","startedAt":"2026-01-05T08:05:05.000Z","endedAt":null,"duration":null,"endReason":null,"served":false,"tag":"unrated","tagSource":null,"rating":null,"top":false,"clock":"trusted","presses":[],"clip":null,"scores":[]}',NULL);
INSERT INTO outbox VALUES(17,'m17','press','back','f',1767600334000.0,1767600334000.0,'{"id":"f1","desk":"back","contactId":"f","button":"happy","rating":5,"tag":"positive","time":"2026-01-05T08:05:34.000Z","clock":"trusted","flags":[]}',NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('sessions',2);
INSERT INTO sqlite_sequence VALUES('raw_events',18);
INSERT INTO sqlite_sequence VALUES('outbox',17);
CREATE INDEX raw_events_by_time ON raw_events (wall);
CREATE INDEX contacts_by_time ON contacts (started_wall);
CREATE INDEX contacts_of_untrusted_clock ON contacts (clock) WHERE clock = 'untrusted';
CREATE INDEX presses_by_contact ON presses (contact_id, mono);
CREATE INDEX presses_of_untrusted_clock ON presses (clock) WHERE clock = 'untrusted';
CREATE INDEX outbox_waiting ON outbox (sequence) WHERE published IS NULL;
COMMIT;
PRAGMA user_version = 1;
