// Restate: a server of its own that keeps a log of every call. Tasks and steps are services; a step is a call to another
// process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { connect } from '@restatedev/restate-sdk-clients';
import { awaitUp, stopAll } from '../processes.mjs';
import { now } from '../tally.mjs';
import { startWorkers } from '../worker-processes.mjs';

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'restate',
  title: 'Restate',
  package: '@restatedev/restate-server',
  settings:
    'its server, one process that serves tasks and one that serves steps; a step is a service call; submitted through the ingress client',
  durability: "Restate's own log on disk (RocksDB), its write-ahead log synced, as is the server's default",
  async open(scene) {
    const server = await startServer(scene.place.folder);
    const ports = [await freePort(), await freePort()];
    const workers = await startWorkers('restate.mjs', { ...scene, processes: 2 }, { PORTS: ports.join() });
    for (const port of ports) await register(server.adminUrl, `http://127.0.0.1:${port}`);
    const tasks = connect({ url: server.ingressUrl }).serviceClient({ name: 'task' });
    return {
      async run(graphs) {
        const startedAt = now();
        const outputs = await Promise.all(graphs.map((graph) => /** @type {any} */ (tasks).run(graph)));
        return { ms: now() - startedAt, outputs, spans: await workers.spans() };
      },
      async close() {
        await workers.stop();
        await stopAll([server.launched]);
      },
    };
  },
};

/** @param {string} folder */
async function startServer(folder) {
  const binary = createRequire(import.meta.url).resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(binary, ['--base-dir', folder, '--node-name', 'bench'], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      DO_NOT_TRACK: '1',
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_LOG_FILTER: 'info',
      RESTATE_LOG_DISABLE_ANSI_CODES: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const launched = await awaitUp('restate-server', child, /./);
  const [ingressUrl, adminUrl] = [`http://127.0.0.1:${ingress}`, `http://127.0.0.1:${admin}`];
  for (const url of [`${adminUrl}/health`, `${ingressUrl}/restate/health`]) await untilHealthy(url, launched);
  return { launched, ingressUrl, adminUrl };
}

/** @param {string} url @param {import('../processes.mjs').Launched} launched */
async function untilHealthy(url, { output }) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} does not become healthy: ${output()}`);
}

/** @param {string} adminUrl @param {string} uri */
async function register(adminUrl, uri) {
  const response = await fetch(`${adminUrl}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri }),
  });
  if (!response.ok) throw new Error(`Restate refuses ${uri}: ${response.status} ${await response.text()}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
