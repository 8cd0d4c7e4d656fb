// Says when answers do not come from Claude, and what to set so that they do.
import { FlaskConical } from 'lucide-react';
import type { SystemResponse } from '../../../src/protocol/dashboard-api.ts';
import { useSystem } from '../data/system.ts';

export function SystemBanner() {
  const { data } = useSystem();
  const words = data && wordsFor(data);
  if (!words) return null;
  return (
    <aside
      aria-label="What answers"
      className="tone-amber tinted flex items-center justify-center gap-2 border-b px-4 py-1.5 text-xs text-tone"
    >
      <FlaskConical aria-hidden size={14} className="shrink-0" />
      {words}
    </aside>
  );
}

function wordsFor({ model, agent_runtime }: SystemResponse): string | null {
  if (agent_runtime === 'simulate') return 'Agents only simulate: start without AGENT_RUNTIME=simulate for real work.';
  if (model.kind === 'claude') return null;
  return 'The offline model answers, by rules. Set ANTHROPIC_API_KEY and start again for Claude.';
}
