// A plan that gives every kind of agent something to do, and who must have done it. Pure: a crew in, a plan out; results
// in, trouble out.

/** What is read of an agent. */
export interface Member {
  agent_id: string;
  capabilities: readonly string[];
}

/** What is read of a subtask and of its results. */
export interface Work {
  required_capabilities: readonly string[];
  /** Null when nobody completed it. */
  doneBy: string | null;
}

export interface RollCall {
  subtasks: { description: string; required_capabilities: string[] }[];
}

/** One subtask for each set of capabilities that an agent has. Each is done by any model, with tools that every agent has. */
export function rollCallOf(crew: readonly Member[]): RollCall {
  return {
    subtasks: setsOf(crew).map((set, nth) => ({
      description: `Set shared state roll_call_${nth + 1} to present`,
      required_capabilities: set,
    })),
  };
}

/** A line for each agent that should have worked and did not, and for each that did work it is not capable of. */
export function troubleWith(crew: readonly Member[], work: readonly Work[]): string[] {
  const known = new Map(crew.map((member) => [member.agent_id, member]));
  const unfit = work.flatMap(({ doneBy, required_capabilities: set }) => {
    const member = doneBy === null ? undefined : known.get(doneBy);
    return member && !has(member, set) ? [`${member.agent_id} worked without having all of ${set.join(', ')}`] : [];
  });
  const idle = mustWork(crew)
    .filter((member) => !work.some(({ doneBy }) => doneBy === member.agent_id))
    .map((member) => `${member.agent_id} did nothing, though no other agent has ${member.capabilities.join(', ')}`);
  return [...unfit, ...idle];
}

/** Of agents that could stand in for each other any may have done the work; who has no stand-in must have done it. */
function mustWork(crew: readonly Member[]): Member[] {
  return crew.filter((member) => !crew.some((other) => other !== member && has(other, member.capabilities)));
}

function has(member: Member, set: readonly string[]): boolean {
  return set.every((capability) => member.capabilities.includes(capability));
}

function setsOf(crew: readonly Member[]): string[][] {
  const sets = crew.map(({ capabilities }) => capabilities.toSorted());
  return [...new Map(sets.map((set) => [set.join(), set])).values()];
}
