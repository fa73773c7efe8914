-- What the gate keeps in the registry: which releases were made and by whom,
-- who stands in which place of an atom, and the secrets of the commitment.
CREATE TABLE publication (
    release TEXT PRIMARY KEY NOT NULL,
    period TEXT NOT NULL,
    revision INTEGER NOT NULL,
    edition TEXT NOT NULL,
    edition_as_of TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'sealed', 'withdrawn')),
    manifest_sha256 TEXT NOT NULL,
    published_by TEXT NOT NULL,
    published_at TEXT NOT NULL,
    sealed_by TEXT,
    sealed_at TEXT,
    withdrawn_by TEXT,
    withdrawn_at TEXT
);

-- The NIK in the places of an atom, in order of place, eight bytes each, little-endian.
CREATE TABLE row_place (
    edition TEXT NOT NULL,
    program TEXT NOT NULL,
    atom INTEGER NOT NULL,
    places BLOB NOT NULL,
    PRIMARY KEY (edition, program, atom)
) WITHOUT ROWID;

-- The leaves of a release's commitment, in their shuffled order. The form of a
-- leaf stands in 2026-11-22-000200_access.
CREATE TABLE commitment (
    release TEXT PRIMARY KEY NOT NULL,
    programs TEXT NOT NULL,
    leaves BLOB NOT NULL
);
