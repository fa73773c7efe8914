-- Two roles for the catalogue in PostgreSQL. Run it once, as the owner of the
-- database or a superuser, connected to the database that holds nothing but the
-- catalogue; running it again changes nothing:
--
--     bansos-api database roles | psql --dbname bansos
--
-- Then give each a password (\password bansos_writer, \password bansos_reader),
-- or let both in by pg_hba.conf.
--
-- bansos_writer   what `bansos-api admit`, `withdraw` and `rebuild` use: makes
--                 the tables and writes to them
-- bansos_reader   what `bansos-api serve` uses: SELECT and nothing else

DO $$
DECLARE
    one record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bansos_writer') THEN
        CREATE ROLE bansos_writer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bansos_reader') THEN
        CREATE ROLE bansos_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO bansos_writer, bansos_reader', current_database());

    -- Tables that another role made before.
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'bansos_writer' LOOP
        EXECUTE format('ALTER TABLE public.%I OWNER TO bansos_writer', one.tablename);
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO bansos_writer;
GRANT USAGE ON SCHEMA public TO bansos_reader;

-- Tables that are there, and those that the writer will make.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO bansos_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE bansos_writer IN SCHEMA public GRANT SELECT ON TABLES TO bansos_reader;

-- Beside the rights, not in their place: a session that is told otherwise still may not write.
ALTER ROLE bansos_reader SET default_transaction_read_only = on;
