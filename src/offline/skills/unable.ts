// The honest last resort: says that the offline model cannot do this and what to set for real work.
import { done, type Skill } from '../skill.ts';

export const unable: Skill = {
  fits: () => true,
  // biome-ignore lint/correctness/useYield: it needs no tool, and is a generator only because every skill is one.
  *run(work) {
    return done(
      `This is Muster's offline model: a set of rules that cannot do this kind of work, so nothing was done for ` +
        `"${work.text.slice(0, 200)}". For real work set ANTHROPIC_API_KEY and leave MUSTER_MODEL unset.`,
      { done: false },
    );
  },
};
