#!/usr/bin/env bash
# Runs once, after 10-roles.sql, when the database is made: the password is a secret, which no script holds.
set -euo pipefail
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat "${TRADEWIND_PASSWORD_FILE:-/run/secrets/tradewind_password}"`
ALTER ROLE tradewind_ingest PASSWORD :'password';
SQL
