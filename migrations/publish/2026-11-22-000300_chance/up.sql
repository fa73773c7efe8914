-- What decides by chance in the partition of rows (publish::chance): 32 bytes of
-- the operating system's generator, drawn once for the district and kept.
CREATE TABLE chance (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    secret BLOB NOT NULL CHECK (length(secret) = 32)
);
