-- The day by which a release's month was due, ISO, as its manifest says; NULL
-- where a withdrawn release's folder is gone.

ALTER TABLE releases ADD COLUMN expected_on TEXT;
