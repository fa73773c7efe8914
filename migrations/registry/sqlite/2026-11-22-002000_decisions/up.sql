-- What operators decided of cases (registry::cases). Cases themselves are
-- computed from the imports and never stored. The last decision of a case is
-- its state; one is taken back by another (`open`), so that who decided what,
-- and when, stays.
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- The rule's id: F04.
    rule TEXT NOT NULL,
    -- A NIK, two joined by `+`, or KK and a family card.
    subject TEXT NOT NULL,
    -- What tells apart the cases of a subject: a list, a program, a pair.
    ground TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('open', 'confirmed', 'dismissed', 'resolved')),
    -- The month whose cases were looked at.
    period TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    -- SHA-256 of the workbook it was read from; empty when decided one by one.
    source TEXT NOT NULL,
    note TEXT NOT NULL
);

CREATE INDEX decisions_of_a_case ON decisions (rule, subject, ground);
CREATE INDEX decisions_of_a_workbook ON decisions (source) WHERE source <> '';

CREATE TRIGGER decisions_are_not_changed BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decisions_are_not_removed BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
