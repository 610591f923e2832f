// Schema 1: the journal, the heads by which runs are found, snapshots, notes, and the commands of clients.

/**
 * `run` is everywhere the number of a head, in the order of acceptance: that keeps the journal's index a third
 * smaller than with the id's text, and lists by age need no index. 0 stands for no run, the engine itself.
 * A head whose status is null is known only by its rows.
 */
export const journal = `
  CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    owner TEXT NOT NULL,
    -- The oldest schema whose code can still work with this file.
    compatible INTEGER NOT NULL
  );
  INSERT INTO store VALUES (1, 0, '', 1);

  CREATE TABLE heads (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL UNIQUE,
    chain TEXT,
    status TEXT,
    priority INTEGER,
    accepted_at INTEGER,
    ended_at INTEGER,
    wake_at INTEGER,
    signals TEXT,
    attributes TEXT
  );
  CREATE INDEX heads_status ON heads (status) WHERE status IS NOT NULL;
  CREATE INDEX heads_running ON heads (priority DESC) WHERE status = 'running';
  CREATE INDEX heads_due ON heads (wake_at) WHERE status = 'waiting' AND wake_at IS NOT NULL;
  -- Each signal that a run waits for, out of heads.signals.
  CREATE TABLE waits (signal TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (signal, id)) WITHOUT ROWID;
  CREATE TABLE counts (status TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    payload TEXT
  );
  CREATE INDEX journal_run ON journal (run);

  CREATE TABLE snapshots (run INTEGER PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE replies (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
`
