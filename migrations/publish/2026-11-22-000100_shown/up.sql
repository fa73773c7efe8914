-- Whom a figure of a sensitive table, or a sum of varying amounts, was about
-- when it was shown: it may be shown again only when few are not told by the
-- difference. Units (8 bytes) with category or amount (8), little-endian, in order.
CREATE TABLE shown (
    release TEXT NOT NULL,
    table_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    area TEXT NOT NULL,
    as_of TEXT NOT NULL,
    members BLOB NOT NULL,
    PRIMARY KEY (release, table_name, subject, area)
) WITHOUT ROWID;

-- The order in which releases were sealed: a correction of an old month comes
-- after newer months.
ALTER TABLE publication ADD COLUMN sequence INTEGER;
UPDATE publication SET sequence = (
    SELECT count(*) FROM publication AS other
    WHERE other.state <> 'draft' AND (other.period, other.revision) <= (publication.period, publication.revision)
) WHERE state <> 'draft';
