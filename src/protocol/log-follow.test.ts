import { expect, it } from 'vitest';
import { aLogLine } from '../../tests/support/scripted-orchestrator.ts';
import { followLogs } from './log-follow.ts';

it('resumes where the stream began, when it is cut before the first line', async () => {
  const asked: (number | null)[] = [];
  const line = aLogLine({ id: 42, message: 'meanwhile' });
  const streams = [
    'retry: 1000\nid: 41\nevent: start\ndata: {}\n\n',
    `id: 42\nevent: log\ndata: ${JSON.stringify(line)}\n\n`,
  ];
  const connect = async (after: number | null) => {
    asked.push(after);
    return new Response(streams.shift());
  };
  const lines = followLogs({ connect, wait: async () => undefined }, null);
  expect((await lines.next()).value).toEqual(line);
  expect(asked).toEqual([null, 41]);
});
