#!/bin/sh
# Stops what scripts/start.sh started. Tasks, files and queues are kept for the next start, and go on there.
# usage: scripts/stop.sh [--remove-data]     (--remove-data: removes them, for good)
set -eu
cd "$(dirname "$0")/.."

volumes=
case "${1:-}" in
  '') ;;
  --remove-data) volumes=--volumes ;;
  *) echo "stop.sh: $1 is no option; there is --remove-data" >&2; exit 2 ;;
esac

if ! docker compose version >/dev/null 2>&1; then
  echo "stop.sh: docker compose does not answer here. What npm start has started stops with Ctrl-C in its terminal." >&2
  exit 1
fi
# Compose reads the whole file before it stops anything: what is not set does not matter to it now.
for name in POSTGRES_PASSWORD REDIS_PASSWORD MUSTER_AGENT_TOKEN MUSTER_API_KEYS; do
  [ -n "$(printenv "$name" || sed -n "s/^$name=//p" .env 2>/dev/null)" ] || export "$name=unset"
done
# Both files are one project. More than stop_grace_period is never needed.
docker compose --file docker-compose.yml down --remove-orphans ${volumes:+"$volumes"}
