// How many steps of a plan have been written so far: counts the closed objects of `{"subtasks": [{…}, …]}` while its text
// comes in pieces, each character once. Whether they are any good is told by checkPlan, at the end.

/** Nested so deep, an object is a step: the plan, its list, the step. */
const STEP_DEPTH = 3;

export class StepCount {
  steps = 0;
  private depth = 0;
  private inText = false;
  private escaped = false;

  /** True when another step is complete. */
  read(piece: string): boolean {
    const before = this.steps;
    for (const character of piece) {
      if (this.inText) this.readText(character);
      else this.readStructure(character);
    }
    return this.steps > before;
  }

  private readText(character: string): void {
    if (this.escaped) this.escaped = false;
    else if (character === '\\') this.escaped = true;
    else if (character === '"') this.inText = false;
  }

  private readStructure(character: string): void {
    if (character === '"') this.inText = true;
    else if (character === '{' || character === '[') this.depth += 1;
    else if (character === '}' || character === ']') {
      if (character === '}' && this.depth === STEP_DEPTH) this.steps += 1;
      this.depth -= 1;
    }
  }
}
