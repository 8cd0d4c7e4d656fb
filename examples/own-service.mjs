// A service of yours as a tool of the agents. They reach it with http_request; because it is not a public address, Muster
// must be started with HTTP_TOOL_ALLOW=localhost:8090.
// usage: HTTP_TOOL_ALLOW=localhost:8090 npm start, then node examples/own-service.mjs
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createClient } from 'muster';

const { ORCHESTRATOR_URL: url = 'http://127.0.0.1:8000', MUSTER_API_KEY: apiKey, RATES_PORT = '8090' } = process.env;
const muster = createClient({ url, apiKey });

const rates = createServer((_, response) => {
  response.setHeader('content-type', 'text/csv').end('currency,rate\nNOK,11.5\nCHF,0.95\nUSD,1.05\n');
}).listen(Number(RATES_PORT), 'localhost');
await once(rates, 'listening');

// Only the subtask that requires web_scraping is granted http_request; the other sees what it handed over.
const { task_id } = await muster.submit({
  description: 'Statistics of the exchange rates of our own service',
  plan: {
    subtasks: [
      { description: `Fetch http://localhost:${RATES_PORT}/rates`, required_capabilities: ['web_scraping'] },
      { description: 'Statistics of the table', required_capabilities: ['data_analysis'], dependencies: [0] },
    ],
  },
});
const { task } = await muster.wait(task_id);
rates.close();
console.log(`${task.status}: ${task.result?.summary ?? task.error}`);
