-- The public store. Everything here follows from release folders and the log;
-- drop it, rebuild it, and every answer is the same. Every column is declared
-- public in ../columns.toml.
--
-- Areas are numbers: `low` is the Kemendagri code filled with zeros to ten
-- digits, so that an area's inside is a range. A pool of areas has the lowest
-- member as `low` and its own id in `pool`; 0 means a single area.
-- Periods are months since year 0.

CREATE TABLE log_entries (
    version BIGINT NOT NULL PRIMARY KEY,
    action TEXT NOT NULL,
    release_name TEXT NOT NULL,
    manifest_sha256 TEXT,
    reason TEXT,
    at TEXT NOT NULL
);

CREATE TABLE releases (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    admitted_at TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    edition_id BIGINT,
    edition TEXT,
    edition_as_of INTEGER,
    simulated BOOLEAN NOT NULL,
    manifest TEXT NOT NULL,
    signature TEXT NOT NULL,
    withdrawn_version BIGINT,
    withdrawn_at TEXT,
    withdrawn_reason TEXT
);

CREATE TABLE files (
    release_id BIGINT NOT NULL,
    path TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (release_id, path)
) WITHOUT ROWID;

CREATE TABLE editions (
    id BIGINT NOT NULL PRIMARY KEY,
    district BIGINT NOT NULL,
    name TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    UNIQUE (district, name, content_sha256)
);

CREATE TABLE lists (
    id BIGINT NOT NULL PRIMARY KEY,
    edition_id BIGINT NOT NULL,
    program TEXT NOT NULL,
    atoms BIGINT NOT NULL,
    units BIGINT NOT NULL,
    UNIQUE (edition_id, program)
);

CREATE TABLE atoms (
    list_id BIGINT NOT NULL,
    atom BIGINT NOT NULL,
    low BIGINT NOT NULL,
    pool BIGINT NOT NULL,
    sex SMALLINT NOT NULL,
    age_band SMALLINT NOT NULL,
    family_size SMALLINT NOT NULL,
    units BIGINT NOT NULL,
    PRIMARY KEY (list_id, atom)
) WITHOUT ROWID;

-- Counts over one area read this index only.
CREATE INDEX atoms_by_area ON atoms (list_id, low, pool, sex, age_band, family_size, units);

CREATE TABLE series (
    id BIGINT NOT NULL PRIMARY KEY,
    release_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    program TEXT NOT NULL,
    cells BIGINT NOT NULL,
    UNIQUE (release_id, kind, program)
);

CREATE TABLE cells (
    series_id BIGINT NOT NULL,
    low BIGINT NOT NULL,
    pool BIGINT NOT NULL,
    measure SMALLINT NOT NULL,
    category TEXT NOT NULL,
    level SMALLINT NOT NULL,
    value BIGINT,
    status SMALLINT NOT NULL,
    group_id BIGINT,
    as_of INTEGER NOT NULL,
    PRIMARY KEY (series_id, low, pool, measure, category)
) WITHOUT ROWID;

CREATE TABLE pools (
    id BIGINT NOT NULL PRIMARY KEY,
    label TEXT NOT NULL UNIQUE
);

CREATE TABLE pool_members (
    pool_id BIGINT NOT NULL,
    low BIGINT NOT NULL,
    high BIGINT NOT NULL,
    PRIMARY KEY (pool_id, low)
) WITHOUT ROWID;
