-- The registry of one district. Rows belong to the import that brought them and
-- are never changed: a month's state is computed from its imports, so undoing
-- an import is deleting what it brought.
--
-- The id of a row is its import's id times 2^32 plus the line it stood on in
-- the file. So the rows of an import are neighbours, no index is needed to find
-- or delete them, and a row tells its file and line.

CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    layout TEXT NOT NULL,
    period TEXT NOT NULL,
    -- As area/period/name.csv where it came from such folders.
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    mode TEXT NOT NULL,
    simulated BOOLEAN NOT NULL,
    -- The smallest area that holds all its rows.
    scope TEXT,
    -- The programs its rows are enrolled in, as the bits of dtks_rows.programs.
    programs BIGINT NOT NULL,
    read_rows BIGINT NOT NULL,
    accepted_rows BIGINT NOT NULL,
    rejected_rows BIGINT NOT NULL,
    new_rows BIGINT NOT NULL,
    changed_rows BIGINT NOT NULL,
    unchanged_rows BIGINT NOT NULL,
    left_rows BIGINT NOT NULL,
    imported_at TEXT NOT NULL,
    UNIQUE (sha256, layout, period)
);

CREATE TABLE dtks_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    nokk BIGINT NOT NULL,
    -- Ten digits of the Kemendagri code.
    kelurahan BIGINT NOT NULL,
    -- A bit for each program; which is which stands in the crate's programs.rs.
    programs BIGINT NOT NULL,
    -- Where a column says otherwise than the NIK.
    sex TEXT,
    birth_date TEXT,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    rt TEXT NOT NULL,
    rw TEXT NOT NULL,
    -- Of everything above but the id: tells whether a record changed.
    digest BIGINT NOT NULL
);

CREATE TABLE kks_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    program TEXT NOT NULL,
    -- Year times 100 plus number of the tahap, 0 where none is given.
    stage BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    card_number TEXT NOT NULL,
    name TEXT NOT NULL
);

CREATE TABLE pbi_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    active BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    card_number TEXT NOT NULL,
    name TEXT NOT NULL
);

CREATE TABLE plan_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    period TEXT NOT NULL,
    -- Six digits of the Kemendagri code.
    kecamatan BIGINT NOT NULL,
    program TEXT NOT NULL,
    planned_units BIGINT,
    planned_rupiah BIGINT,
    failed BIGINT,
    returned BIGINT,
    poor_households BIGINT,
    source TEXT NOT NULL
);

CREATE TABLE verification_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    round TEXT NOT NULL,
    date TEXT NOT NULL,
    outcome TEXT NOT NULL
);

CREATE TABLE death_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    date_of_death TEXT NOT NULL
);

CREATE TABLE rejected_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    column_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    value_class TEXT NOT NULL,
    -- The record as it was read, comma-separated.
    raw TEXT NOT NULL
);

CREATE TABLE findings (
    row_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- The import that brought it to light: the row's own, or a later death list.
    found_by BIGINT NOT NULL,
    PRIMARY KEY (row_id, kind)
) WITHOUT ROWID;

CREATE TABLE sealed_periods (
    period TEXT PRIMARY KEY NOT NULL,
    sealed_at TEXT NOT NULL
);
