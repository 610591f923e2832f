// Schema 3: what is kept beside the journal by key: outputs to be used again, and inputs that failed again and again.

/** An older release leaves it alone: what it does meanwhile is neither taken from here nor kept here. */
export const keepsakes = `
  CREATE TABLE keepsakes (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    body TEXT NOT NULL,
    payload TEXT
  );
`
