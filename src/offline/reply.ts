// From a conversation to the model's answer: picks the rules by role. Pure and stateless: everything it knows is in
// the conversation, so any replica or a restarted server would answer the same.
import { nextMove } from './agent-rules.ts';
import { planFor } from './plan-rules.ts';
import type { JsonObject } from './prompt.ts';
import { isRefusalRehearsal } from './rehearsals.ts';
import type { Conversation } from './request.ts';
import { summarise } from './summary-rules.ts';
import { readWork } from './work.ts';

export type ReplyBlock = { type: 'text'; text: string } | { type: 'tool_use'; name: string; input: JsonObject };
export interface Reply {
  blocks: ReplyBlock[];
  stopReason: 'end_turn' | 'tool_use' | 'refusal';
}

export function replyTo(conversation: Conversation): Reply {
  if (conversation.role === 'agent') return agentReply(conversation);
  if (conversation.role === 'planner' || conversation.wantsJson) return text(JSON.stringify(planFor(conversation)));
  if (conversation.role === 'summary') return text(summarise(conversation));
  return text(
    "Hello. This is Muster's offline model, a set of rules that plans and works for Muster only; it cannot hold a " +
      'conversation. Set ANTHROPIC_API_KEY (and leave MUSTER_MODEL unset) to talk to Claude. (offline model)',
  );
}

function agentReply(conversation: Conversation): Reply {
  const work = readWork(conversation);
  if (isRefusalRehearsal(work.text)) {
    return { ...text('I refuse this subtask, as it asked me to rehearse. (offline model)'), stopReason: 'refusal' };
  }
  const move = nextMove(work);
  if (move.tool === undefined) return text(JSON.stringify(move.input));
  return {
    blocks: [
      { type: 'text', text: move.say },
      { type: 'tool_use', name: move.tool, input: move.input },
    ],
    stopReason: 'tool_use',
  };
}

function text(value: string): Reply {
  return { blocks: [{ type: 'text', text: value }], stopReason: 'end_turn' };
}
