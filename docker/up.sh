#!/usr/bin/env bash
# up.sh [PROFILE…]: builds and starts all of it, with stand-ins for the clouds that are named: aws, azure, gcs.
# The first time it makes the secrets: a folder that only you may enter, in it files that the containers' users may read.
set -euo pipefail
cd "$(dirname "$0")"

secret() { # NAME COMMAND…: what the command prints, made once and whole
    [ -s "secrets/$1" ] || { "${@:2}" >"secrets/.$1" && chmod 644 "secrets/.$1" && mv "secrets/.$1" "secrets/$1"; }
}
random() { head --bytes 32 /dev/urandom | base64 --wrap 0 | tr '+/' '-_'; } # as Fernet's keys are written
airflow_users() { printf '{"admin": "%s"}\n' "$(random)"; }

install --directory --mode 700 secrets
install --directory inbox/spot
for name in postgres_password tradewind_password airflow_database_password airflow_jwt_secret airflow_fernet_key; do
    secret "$name" random
done
secret airflow_users airflow_users

profiles=()
for profile in "$@"; do profiles+=(--profile "$profile"); done
docker compose "${profiles[@]}" up --build --detach --wait
echo
echo "Files go into docker/inbox/spot. The dashboard is http://127.0.0.1:8420, Airflow http://127.0.0.1:8080: user admin,"
echo "its password in docker/secrets/airflow_users. To sign in to the dashboard, make a token once, and a link each time:"
echo "  docker compose --file docker/compose.yaml exec api tradewind token create me --role operator"
echo "  docker compose --file docker/compose.yaml exec api tradewind token link me"
