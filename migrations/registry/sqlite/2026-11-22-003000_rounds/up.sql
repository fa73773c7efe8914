-- Verification rounds: whom the office set out to visit, who opened and closed
-- the round and when. All three tables only grow. What the visits found comes
-- by imports of layout 16 (verification_rows), which name the round, so it can
-- be undone like any import.

CREATE TABLE rounds (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    -- The month whose recipients are visited.
    period TEXT NOT NULL,
    -- What they were chosen by, as codes joined by commas; empty for all.
    programs TEXT NOT NULL,
    kecamatan TEXT NOT NULL,
    -- Only those not checked within so many months, or with findings.
    unverified_since BIGINT,
    with_findings BOOLEAN NOT NULL,
    simulated BOOLEAN NOT NULL,
    opened_by TEXT NOT NULL,
    opened_at TEXT NOT NULL
);

-- In the order in which sheets are written: by kelurahan.
CREATE TABLE round_people (
    round BIGINT NOT NULL,
    -- Ten digits of the Kemendagri code.
    kelurahan BIGINT NOT NULL,
    nik BIGINT NOT NULL,
    -- The programs for which the person is visited, as the bits of dtks_rows.programs.
    programs BIGINT NOT NULL,
    -- The row of dtks_rows with name and address; gone where its import was undone.
    row_id BIGINT NOT NULL,
    PRIMARY KEY (round, kelurahan, nik)
) WITHOUT ROWID;

-- A round closed, or opened again, as often as that happened.
CREATE TABLE round_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    round BIGINT NOT NULL,
    event TEXT NOT NULL,
    done_by TEXT NOT NULL,
    done_at TEXT NOT NULL
);
