// What a subtask produced: its text as Markdown, the rest as folded JSON.
import { PackageOpen } from 'lucide-react';
import type { SubtaskDetailResponse } from '../../../../../src/protocol/dashboard-api.ts';
import { CopyButton } from '../../../design/copy-button.tsx';
import { DownloadLink } from '../../../design/download-link.tsx';
import { JsonTree } from '../../../design/json-tree.tsx';
import { RichText } from '../../../design/rich-text.tsx';
import { Empty } from '../../../design/states.tsx';

export function Outputs({ detail: { subtask, results } }: { detail: SubtaskDetailResponse }) {
  const output = results.findLast((result) => result.status === 'completed')?.output;
  if (!output) {
    return (
      <Empty icon={PackageOpen} title="No output yet">
        It appears here when an attempt completed.
      </Empty>
    );
  }
  const json = JSON.stringify(output, null, 2);
  const { text, rest } = split(output);
  return (
    <div className="grid gap-4">
      <div className="-mt-1 -mb-3 flex justify-end">
        <CopyButton label="Copy the output" text={json} />
        <DownloadLink label="Download the output" text={json} fileName={`${subtask.id}.json`} />
      </div>
      {text && <RichText text={text} />}
      {rest && <JsonTree value={rest} />}
    </div>
  );
}

/** An output says in `summary`, `text` or `answer` what it is, if anywhere. */
function split(output: Readonly<Record<string, unknown>>): {
  text: string | null;
  rest: Record<string, unknown> | null;
} {
  const name = ['summary', 'text', 'answer', 'result'].find((key) => typeof output[key] === 'string');
  if (name === undefined) return { text: null, rest: { ...output } };
  const { [name]: text, ...rest } = output;
  return { text: String(text), rest: Object.keys(rest).length > 0 ? rest : null };
}
