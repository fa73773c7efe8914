-- Corrections, and figures that stand for longer than a month.
--
-- A figure can be older than the release that shows it: `issue` is the release
-- that first published it, as month * 65536 + revision; NULL where it is the
-- release itself. A release that corrects another says which, and why.

ALTER TABLE cells ADD COLUMN issue BIGINT;
ALTER TABLE releases ADD COLUMN rows_from TEXT;
ALTER TABLE releases ADD COLUMN correction_of TEXT;
ALTER TABLE releases ADD COLUMN correction_reason TEXT;
