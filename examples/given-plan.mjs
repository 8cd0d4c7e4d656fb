// A plan of your own, with data that travels through it: input data for the first steps, their outputs for the later ones.
// What a step hands over is given to each step that depends on it, as data.
// usage: node examples/given-plan.mjs          (with Muster running; ORCHESTRATOR_URL says where)
import { createClient } from 'muster';

const { ORCHESTRATOR_URL: url = 'http://127.0.0.1:8000', MUSTER_API_KEY: apiKey } = process.env;
const muster = createClient({ url, apiKey });

const north = {
  rows: [
    { shop: 'Oslo', sold: 40 },
    { shop: 'Bergen', sold: 25 },
  ],
};
const south = {
  rows: [
    { shop: 'Rome', sold: 70 },
    { shop: 'Naples', sold: 55 },
  ],
};

const { task_id } = await muster.submit({
  description: 'What the shops sold, north and south, written down',
  plan: {
    subtasks: [
      { description: 'Statistics of the given table', required_capabilities: ['data_analysis'], input_data: north },
      { description: 'Statistics of the given table', required_capabilities: ['data_analysis'], input_data: south },
      // 0 and 1 are the places of the two above. They run side by side; this one waits for both.
      {
        description: 'Write the results to a file called report.md',
        required_capabilities: ['file_processing'],
        dependencies: [0, 1],
        priority: 8,
        estimated_duration: 10,
      },
    ],
  },
});

const { task } = await muster.wait(task_id);
for (const { description, status, agent_id } of task.subtasks) console.log(`${status}  ${agent_id}  ${description}`);
const report = await muster.readFile(task_id, 'output/report.md');
console.log(`\noutput/report.md:\n${new TextDecoder().decode(report)}`);
