-- Files as they really are: which layout a file had (imports.layout says as what
-- it is kept), how its columns were read, its sheets, oddities of accepted rows,
-- and which rejected rows were corrected later. And tables for the layouts that
-- bring data of other kinds, kept like the first ones: append-only, the id is the
-- import's times 2^32 plus the line.
--
-- In a workbook the lower 32 bits are the sheet's number (from 1) times 2^21 plus
-- the row, and import_sheets names the sheets; a file of text has no sheet.

ALTER TABLE imports ADD COLUMN form TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN warned_rows BIGINT NOT NULL DEFAULT 0;
-- Title, total and column-number rows below the header, which are no records.
ALTER TABLE imports ADD COLUMN passed_rows BIGINT NOT NULL DEFAULT 0;

-- Names and codes of the areas nearest to one that was not found.
ALTER TABLE rejected_rows ADD COLUMN detail TEXT NOT NULL DEFAULT '';

CREATE TABLE import_sheets (
    import BIGINT NOT NULL,
    sheet BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (import, sheet)
) WITHOUT ROWID;

-- The columns of a file, from 1, and as what each was read; empty where it was passed over.
CREATE TABLE import_columns (
    import BIGINT NOT NULL,
    sheet BIGINT NOT NULL,
    place BIGINT NOT NULL,
    header TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (import, sheet, place)
) WITHOUT ROWID;

CREATE TABLE warnings (
    row_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    column_name TEXT NOT NULL,
    PRIMARY KEY (row_id, kind)
) WITHOUT ROWID;

-- A rejected row that came back corrected, and the import it came back with.
CREATE TABLE corrected_rows (
    row_id BIGINT NOT NULL,
    corrected_by BIGINT NOT NULL,
    PRIMARY KEY (row_id, corrected_by)
) WITHOUT ROWID;

-- Layout 1: who is proposed for a program.
CREATE TABLE proposal_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    nokk BIGINT NOT NULL,
    program TEXT NOT NULL,
    kelurahan BIGINT,
    name TEXT NOT NULL,
    sex TEXT,
    birth_date TEXT,
    address TEXT NOT NULL,
    rt TEXT NOT NULL,
    rw TEXT NOT NULL
);

-- Layout 12: what became of a proposal.
CREATE TABLE proposal_result_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    program TEXT NOT NULL,
    kelurahan BIGINT,
    result TEXT NOT NULL,
    matched TEXT NOT NULL,
    name TEXT NOT NULL,
    note TEXT NOT NULL
);

-- Layouts 3 (families), 4 and 13 (households): how well-off a family is.
CREATE TABLE rank_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT,
    nokk BIGINT,
    -- The source's own key of the family.
    household TEXT NOT NULL,
    kelurahan BIGINT,
    desil BIGINT,
    percentile TEXT NOT NULL,
    rank_national BIGINT,
    rank_province BIGINT,
    rank_district BIGINT,
    year BIGINT,
    name TEXT NOT NULL
);

-- Layouts 3 (members) and 13 (members): who belongs to a family.
CREATE TABLE member_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    nokk BIGINT,
    household TEXT NOT NULL,
    relation TEXT NOT NULL,
    name TEXT NOT NULL,
    sex TEXT,
    birth_date TEXT,
    occupation TEXT NOT NULL
);

-- Layouts 8 and 10: recipients of one program, listed.
CREATE TABLE recipient_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    program TEXT NOT NULL,
    stage TEXT NOT NULL,
    kelurahan BIGINT,
    name TEXT NOT NULL,
    sex TEXT,
    birth_date TEXT,
    address TEXT NOT NULL,
    rt TEXT NOT NULL,
    rw TEXT NOT NULL
);

-- Layout 5: an auditor's findings over masked numbers.
CREATE TABLE masked_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik_mask TEXT NOT NULL,
    nokk_mask TEXT NOT NULL,
    kelurahan BIGINT,
    conforms TEXT NOT NULL,
    occupation TEXT NOT NULL,
    note TEXT NOT NULL
);

-- Layout 11: whom an auditor met.
CREATE TABLE inspection_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik_listed BIGINT,
    nik_card BIGINT,
    name TEXT NOT NULL,
    met_bst TEXT NOT NULL,
    met_pkh TEXT NOT NULL,
    unmet_bst TEXT NOT NULL,
    unmet_pkh TEXT NOT NULL,
    note TEXT NOT NULL
);

-- Lists of people whom a program's rules may exclude: civil servants, army, police, earners.
CREATE TABLE listing_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    nik BIGINT NOT NULL,
    list TEXT NOT NULL,
    institution TEXT NOT NULL,
    listed_on TEXT,
    name TEXT NOT NULL
);

-- Complaints, without anything personal.
CREATE TABLE complaint_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    received TEXT NOT NULL,
    closed TEXT,
    channel TEXT NOT NULL,
    category TEXT NOT NULL,
    kecamatan BIGINT NOT NULL,
    program TEXT,
    outcome TEXT NOT NULL
);

-- Layout 14: counts by area as open data publish them; they tell which code of
-- BPS is which of Kemendagri, too.
CREATE TABLE count_rows (
    id INTEGER PRIMARY KEY NOT NULL,
    area TEXT NOT NULL,
    bps_kabupaten TEXT NOT NULL,
    bps_kecamatan TEXT NOT NULL,
    bps_desa TEXT NOT NULL,
    measure TEXT NOT NULL,
    value BIGINT,
    unit TEXT NOT NULL,
    year TEXT NOT NULL
);
