ALTER TABLE releases DROP COLUMN correction_reason;
ALTER TABLE releases DROP COLUMN correction_of;
ALTER TABLE releases DROP COLUMN rows_from;
ALTER TABLE cells DROP COLUMN issue;
