#!/bin/sh
# Starts Muster with Docker Compose and waits until every part is healthy. The first time it writes .env with secrets of its
# own. usage: scripts/start.sh [--scale]     (--scale: two orchestrators and several agents of each kind)
set -eu
cd "$(dirname "$0")/.."

file=docker-compose.yml
orchestrator=orchestrator
case "${1:-}" in
  '') ;;
  --scale) file=docker-compose.scale.yml orchestrator=orchestrator1 ;;
  *) echo "start.sh: $1 is no option; there is --scale" >&2; exit 2 ;;
esac

if ! docker compose version >/dev/null 2>&1; then
  cat >&2 <<'TEXT'
start.sh: docker compose does not answer here. Install Docker with its Compose plugin, or start Muster without
containers, in one process and with nothing else installed than Node.js 20.19 or newer:
  npm ci
  npm start
TEXT
  exit 1
fi

random() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }

write_settings() {
  key=$(random)
  model=
  [ -n "${ANTHROPIC_API_KEY:-}" ] || model=offline
  umask 077
  sed -e "s/^POSTGRES_PASSWORD=$/&$(random)/" -e "s/^REDIS_PASSWORD=$/&$(random)/" -e "s/^MUSTER_AGENT_TOKEN=$/&$(random)/" \
    -e "s/^MUSTER_API_KEYS=$/&operate:admin:$key/" -e "s/^MUSTER_API_KEY=$/&$key/" -e "s/^MUSTER_MODEL=$/&$model/" \
    .env.example >.env
  echo "Wrote .env with new secrets; the API key is MUSTER_API_KEY there."
  [ -z "$model" ] || echo "The offline model answers; for Claude set ANTHROPIC_API_KEY in .env, empty MUSTER_MODEL, and start again."
}

# What the environment says wins over .env, as in Compose.
setting() { printenv "$1" || sed -n "s/^$1=//p" .env | tail -n 1; }

missing=
[ -e .env ] || write_settings
for name in POSTGRES_PASSWORD REDIS_PASSWORD MUSTER_AGENT_TOKEN MUSTER_API_KEYS; do
  [ -n "$(setting $name)" ] || missing="$missing $name"
done
if [ -n "$missing" ]; then
  echo "start.sh: .env does not set$missing; .env.example says what each is for" >&2
  exit 1
fi
if [ -z "$(setting ANTHROPIC_API_KEY)$(setting ANTHROPIC_AUTH_TOKEN)$(setting ANTHROPIC_BASE_URL)$(setting MUSTER_MODEL)" ]; then
  echo "start.sh: there is no model to work with: set ANTHROPIC_API_KEY in .env, or MUSTER_MODEL=offline for a trial" >&2
  exit 1
fi

compose() { docker compose --file "$file" "$@"; }

compose build
if ! compose up --detach --wait --wait-timeout 300 --remove-orphans; then
  compose ps --all >&2
  echo "start.sh: not every part became healthy; docker compose --file $file logs NAME says why, and docs/operations.md what to do" >&2
  exit 1
fi
MUSTER_API_KEY=$(setting MUSTER_API_KEY)
export MUSTER_API_KEY
compose exec -T "$orchestrator" node /muster/deploy/check-health.mjs http://127.0.0.1:8000/readyz
[ -z "$MUSTER_API_KEY" ] || compose exec -T --env MUSTER_API_KEY "$orchestrator" muster agents
echo "Muster is up: the dashboard at http://localhost:8501, the API at http://localhost:8000."
echo "Try it: npm run test:system      Stop it: scripts/stop.sh"
