// Events handed on to a webhook, each once and in order, however often either side is cut off: the number of the last
// event that the receiver took is all that has to be remembered. Without WEBHOOK_URL the receiver is here as well.
// usage: WEBHOOK_URL=https://example.com/hook node examples/live-events.mjs
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'muster';

const { ORCHESTRATOR_URL: url = 'http://127.0.0.1:8000', MUSTER_API_KEY: apiKey, WEBHOOK_URL } = process.env;
const muster = createClient({ url, apiKey });

const receiver = WEBHOOK_URL ? null : await startReceiver();
const webhook = WEBHOOK_URL ?? receiver?.url ?? '';

const { task_id } = await muster.submit({
  description: 'Calculate factorial of 6 and calculate fibonacci of 7 independently',
});
let taken = 0; // a real relay keeps this where it survives its own restart
for await (const event of muster.watch(task_id, { lastEventId: taken })) {
  await deliver(event);
  taken = event.seq;
}
console.log(`the receiver took ${taken} events of ${task_id}`);
receiver?.close();

/** Tries until the receiver has it; it tells repeated ones by the key. @param {import('muster').TaskEvent} event */
async function deliver(event) {
  for (let tries = 1; ; tries += 1) {
    const headers = { 'content-type': 'application/json', 'idempotency-key': `${event.task_id}-${event.seq}` };
    const answer = await fetch(webhook, { method: 'POST', headers, body: JSON.stringify(event) }).catch(() => null);
    if (answer?.ok) return;
    await pause(Math.min(5_000, 100 * 2 ** tries));
  }
}

/** Says no to every third delivery, as receivers do. */
async function startReceiver() {
  let asked = 0;
  const server = createServer(async (request, response) => {
    const body = [];
    for await (const chunk of request) body.push(chunk);
    asked += 1;
    if (asked % 3 === 0) return response.writeHead(503).end();
    const event = JSON.parse(Buffer.concat(body).toString());
    console.log(`received ${event.seq}  ${event.type}`);
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
