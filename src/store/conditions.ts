// Where clauses put together from constant texts, chosen by which filters are given. A value only ever becomes a
// parameter. A clause made so names just the columns that count, so that the planner finds the index for them; one text
// for all filters (`$1 is null or …`) would not let it.

/** A condition with `?` for each of its values. It is left out unless all its values are given. */
export type Condition = readonly [text: string, ...values: unknown[]];

/** Adds to `params`. The text is `true` when nothing is asked. */
export function whereOf(conditions: readonly Condition[], params: unknown[]): string {
  const texts = given(conditions).map(([text, ...values]) => {
    const rest = [...values];
    return text.replaceAll('?', () => `$${params.push(rest.shift())}`);
  });
  return texts.join(' and ') || 'true';
}

export function given(conditions: readonly Condition[]): Condition[] {
  return conditions.filter(([, ...values]) => !values.includes(undefined));
}
