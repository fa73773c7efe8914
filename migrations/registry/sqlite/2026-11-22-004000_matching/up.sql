-- Searches for people who stand in a month under two NIK, and the pairs that
-- each found (registry::duplicates). A search is known by the imports it read:
-- one of other imports than the month has now is stale, and stays as it was.

CREATE TABLE duplicate_searches (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    period TEXT NOT NULL,
    -- SHA-256 over the imports that made up the month, and the way of matching.
    digest TEXT NOT NULL,
    people BIGINT NOT NULL,
    compared BIGINT NOT NULL,
    -- Pairs that no search of this kind looks at, since too many share a key.
    not_compared BIGINT NOT NULL,
    searched_at TEXT NOT NULL
);

CREATE INDEX duplicate_searches_of_a_month ON duplicate_searches (period, digest);

CREATE TABLE possible_duplicates (
    search BIGINT NOT NULL,
    -- The lower of the two numbers first.
    one BIGINT NOT NULL,
    other BIGINT NOT NULL,
    -- log2 of the odds that it is one person.
    weight DOUBLE NOT NULL,
    probability DOUBLE NOT NULL,
    PRIMARY KEY (search, one, other)
) WITHOUT ROWID;
