-- Who asked which row to be traced, by whose letter. A chain: `hash` covers the
-- entry and, through `previous`, every entry before it (publish::access says
-- which bytes). Entries are added and never changed or removed.
CREATE TABLE access_log (
    sequence BIGINT PRIMARY KEY NOT NULL,
    at TEXT NOT NULL,
    auditor TEXT NOT NULL,
    letter TEXT NOT NULL,
    row_id TEXT NOT NULL,
    -- The release that issued the row; empty where none did.
    release TEXT NOT NULL,
    -- `shown`, or why not.
    outcome TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER access_log_is_not_changed BEFORE UPDATE ON access_log
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;

CREATE TRIGGER access_log_is_not_shortened BEFORE DELETE ON access_log
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END;

-- `commitment.leaves` holds since now all that a record says: month (4 bytes, of
-- year 0), number of the program in `programs` (2), NIK, family card, kelurahan
-- (8 each), atom and place (4 each; 0 where the release issues no row of the
-- person), salt (32).
