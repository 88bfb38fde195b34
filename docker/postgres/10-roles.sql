-- Run as an administrator, once, in the database of database.url. Then give each role its password or certificate.
-- tradewind_ingest owns the schema's objects (it makes partitions, and only an owner can attach them) and has
-- no right outside of the two schemas. tradewind_read sees everything there and changes nothing.
CREATE ROLE tradewind_ingest LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE tradewind_read LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE SCHEMA IF NOT EXISTS tradewind AUTHORIZATION tradewind_ingest;
CREATE SCHEMA IF NOT EXISTS tradewind_staging AUTHORIZATION tradewind_ingest;
-- alembic keeps the schema's version in this table
CREATE TABLE IF NOT EXISTS public.tradewind_schema_version (
    version_num varchar(32) NOT NULL CONSTRAINT tradewind_schema_version_pkc PRIMARY KEY);
ALTER TABLE public.tradewind_schema_version OWNER TO tradewind_ingest;
GRANT USAGE ON SCHEMA tradewind TO tradewind_read;
ALTER DEFAULT PRIVILEGES FOR ROLE tradewind_ingest IN SCHEMA tradewind GRANT SELECT ON TABLES TO tradewind_read;
GRANT SELECT ON ALL TABLES IN SCHEMA tradewind TO tradewind_read;

