// A task as the client's callers give it: to run, or only to plan.

export interface TaskFile {
  /** The name under which agents find it in `input/`. */
  name: string;
  content: Blob | Uint8Array | string;
}

export interface NewTask {
  /** 10 to 5000 characters of plain language. */
  description: string;
  /** Default: the service's default user. */
  user_id?: string | undefined;
  /** A graph to run as it is; left out, the service plans. */
  plan?: unknown;
  /** Dollars that its attempts may cost together. Default: no limit. */
  budget_usd?: number | undefined;
  /** Answers of the model that its attempts may use together. Default: no limit. */
  max_turns?: number | undefined;
  files?: readonly TaskFile[] | undefined;
  /** Submits with the same key are one task: a repeated one gets the first answer. */
  idempotencyKey?: string | undefined;
}

/** What is only planned: of its files, name and size are told. */
export interface PlanInput extends Pick<NewTask, 'description' | 'user_id'> {
  files?: readonly { name: string; bytes: number }[] | undefined;
}
