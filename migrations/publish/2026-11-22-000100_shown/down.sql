DROP TABLE shown;
ALTER TABLE publication DROP COLUMN sequence;
