# syntax=docker/dockerfile:1
# One image for every part of Muster; the command says which: `up`, `orchestrator`, `agent`, `dashboard`, `offline`, and those
# that ask a running one, such as `tasks`. Docker Compose and deploy/kubernetes start all of it from this image.
# glibc, not musl: that is what Muster is tested on, the Agent SDK's program included.
FROM node:24-bookworm-slim AS node

FROM node AS build
WORKDIR /muster
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
COPY dashboard dashboard
RUN npm run build

FROM node AS dependencies
WORKDIR /muster
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node
# Process 1 hands signals on and buries the orphans that a killed session may leave.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* \
  && ln -s /muster/dist/cli/main.js /usr/local/bin/muster \
  && mkdir -p /data/shared_files /data/embedded \
  && chown -R node:node /data
WORKDIR /muster
COPY --from=dependencies /muster/node_modules node_modules
COPY --from=build /muster/dist dist
COPY package.json ./
COPY migrations migrations
COPY deploy/check-health.mjs deploy/agent-of-host.sh deploy/
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  SHARED_FILES=/data/shared_files \
  MUSTER_DATA=/data/embedded
USER node
EXPOSE 8000 8001 8002 8003 8004 8005 8501
# Of `up` and `orchestrator`; agents and dashboard are given their own where they are started.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "/muster/deploy/check-health.mjs", "http://127.0.0.1:8000/readyz"]
ENTRYPOINT ["tini", "--", "muster"]
CMD ["up"]
