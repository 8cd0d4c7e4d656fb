#!/bin/sh
# Starts an agent named after its host, for replicas: each needs an id and an address of its own. Wants AGENT_PORT and
# AGENT_CAPABILITIES; AGENT_ADDRESS is how orchestrators reach this host, when not by its name.
set -eu
host=$(printenv HOSTNAME || hostname)
AGENT_ID="agent_$(printf %s "$host" | tr '[:upper:]' '[:lower:]' | tr -c '[:lower:][:digit:]' _)"
AGENT_URL="http://${AGENT_ADDRESS:-$host}:${AGENT_PORT:?is not set: where does this agent listen?}"
export AGENT_ID AGENT_URL
exec muster agent
