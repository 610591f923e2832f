// Schema 2: the searchable attributes of runs, each under an index of its own value.

/** `s:` for a text, `n:` for a number, `b:` for a boolean, then the name: values of one sort only are compared. */
const nameOf = (a: string): string =>
  `CASE ${a}.type WHEN 'text' THEN 's:' WHEN 'true' THEN 'b:' WHEN 'false' THEN 'b:' ELSE 'n:' END || ${a}.key`

const rowsOf = (head: string): string =>
  `SELECT ${nameOf('a')}, a.value, ${head}.id FROM json_each(${head}.attributes) AS a`

/**
 * Kept up by triggers, so that an older release, which knows nothing of it, keeps it up as well. They look at a head
 * whose attributes stay as they are no further than that.
 */
export const attributes = `
  CREATE TABLE head_attributes (
    name TEXT NOT NULL,
    -- Of no declared type: numbers stay numbers, and texts texts.
    value NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (name, value, id)
  ) WITHOUT ROWID;

  CREATE TRIGGER head_attributes_added AFTER INSERT ON heads
  WHEN new.attributes <> '{}' BEGIN
    INSERT OR IGNORE INTO head_attributes ${rowsOf('new')};
  END;
  CREATE TRIGGER head_attributes_changed AFTER UPDATE OF attributes ON heads
  WHEN old.attributes IS NOT new.attributes BEGIN
    DELETE FROM head_attributes WHERE (name, value, id) IN (${rowsOf('old')});
    INSERT OR IGNORE INTO head_attributes ${rowsOf('new')};
  END;
  CREATE TRIGGER head_attributes_gone AFTER DELETE ON heads
  WHEN old.attributes <> '{}' BEGIN
    DELETE FROM head_attributes WHERE (name, value, id) IN (${rowsOf('old')});
  END;

  INSERT OR IGNORE INTO head_attributes
    SELECT ${nameOf('a')}, a.value, heads.id FROM heads CROSS JOIN json_each(heads.attributes) AS a
    WHERE heads.attributes <> '{}';
`
