ALTER TABLE releases DROP COLUMN expected_on;
