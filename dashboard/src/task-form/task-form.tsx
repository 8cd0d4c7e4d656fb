// Handing over a task: what should be done, for whom, with which files and within which limits. What is wrong is said at
// its field before anything is sent; what the orchestrator objects to is said there too.
import { CornerDownLeft } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { TASK_DESCRIPTION_MAX } from '../../../src/domain/task.ts';
import { ApiError, wordsOf } from '../data/api.ts';
import { useSystem } from '../data/system.ts';
import { Button } from '../design/button.tsx';
import { TextArea, TextField } from '../design/field.tsx';
import { AttachButton, FileList, useDrop } from './attachments.tsx';
import { type Draft, type DraftErrors, EMPTY, judgeDraft, keepDraft, keptDraft, lengthOf } from './draft.ts';
import { Examples } from './examples.tsx';
import { useSubmit } from './use-submit.ts';

/** Until the system has said what it allows. */
const BYTES_MAX = 10_000_000;

export function TaskForm() {
  const form = useTaskForm();
  const { draft, change, files, setFiles, errors } = form;
  const { isOver, ...dropping } = useDrop({ files, onChange: setFiles });
  return (
    <form
      ref={form.place}
      onSubmit={form.submit}
      onKeyDown={form.onKey}
      noValidate
      aria-label="New task"
      className="grid grid-cols-[minmax(0,1fr)] gap-3"
    >
      <TextArea
        label="Task description"
        rows={4}
        value={draft.description}
        onChange={(event) => change({ description: event.target.value })}
        placeholder="Say in plain language what should be done"
        error={errors.description}
        {...dropping}
        className={isOver ? 'outline-2 outline-accent' : undefined}
        aside={`${lengthOf(draft.description).toLocaleString('en')} / ${TASK_DESCRIPTION_MAX.toLocaleString('en')}`}
      />
      <FileList files={files} onChange={setFiles} error={errors.files} />
      <Options draft={draft} change={change} errors={errors} />
      {form.trouble && (
        <p role="alert" className="tone-red tinted rounded-md px-3 py-2 text-sm text-tone">
          {form.trouble}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" kind="primary" disabled={form.isSending}>
          {form.isSending ? 'Submitting …' : 'Submit task'}
          <CornerDownLeft aria-hidden size={13} />
        </Button>
        <AttachButton files={files} onChange={setFiles} />
        <span className="text-xs text-ink-3 max-sm:hidden">Ctrl + Enter submits. Drop files on the text.</span>
      </div>
      {draft.description === '' && <Examples onPick={(description) => change({ description })} />}
    </form>
  );
}

interface OptionsProps {
  draft: Draft;
  change: (given: Partial<Draft>) => void;
  errors: DraftErrors;
}

function Options({ draft, change, errors }: OptionsProps) {
  const isUsed = [draft.user, draft.budget, draft.turns].some(Boolean);
  return (
    <details className="group rounded-md border bg-surface" open={isUsed || undefined}>
      <summary className="cursor-pointer rounded-md px-3 py-2 text-sm text-ink-2 hover:text-ink">
        User, budget and turns
      </summary>
      <div className="grid gap-3 border-t p-3 sm:grid-cols-3">
        <TextField
          label="User"
          value={draft.user}
          onChange={(event) => change({ user: event.target.value })}
          placeholder="default_user"
          hint="Whose task it is."
          error={errors.user_id}
          autoComplete="off"
        />
        <TextField
          label="Budget in dollars"
          inputMode="decimal"
          value={draft.budget}
          onChange={(event) => change({ budget: event.target.value })}
          placeholder="no limit"
          hint="All its attempts together."
          error={errors.budget_usd}
          autoComplete="off"
        />
        <TextField
          label="Most model turns"
          inputMode="numeric"
          value={draft.turns}
          onChange={(event) => change({ turns: event.target.value })}
          placeholder="no limit"
          hint="Answers of the model, all together."
          error={errors.max_turns}
          autoComplete="off"
        />
      </div>
    </details>
  );
}

function useTaskForm() {
  const [draft, setDraft] = useState(keptDraft);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [errors, setErrors] = useState<DraftErrors>({});
  const bytesMax = useSystem().data?.limits.body_bytes ?? BYTES_MAX;
  const sending = useSubmit(() => keepDraft(EMPTY));
  const place = useRef<HTMLFormElement>(null);
  useEffect(() => keepDraft(draft), [draft]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is wrong changes by these two
  useEffect(() => goToFirstWrong(place.current), [errors, sending.error]);
  const isChanged = () => {
    setErrors({});
    sending.reset();
  };
  const send = () => {
    if (sending.isPending) return;
    const found = judgeDraft(draft, files, bytesMax);
    setErrors(found);
    if (Object.keys(found).length === 0) sending.mutate({ draft, files });
  };
  const objection = objectionOf(sending.error);
  return {
    draft,
    place,
    files,
    setFiles: (chosen: readonly File[]) => {
      setFiles(chosen);
      isChanged();
    },
    change: (given: Partial<Draft>) => {
      setDraft({ ...draft, ...given });
      isChanged();
    },
    errors: { ...errors, ...objection.errors },
    trouble: objection.trouble,
    isSending: sending.isPending,
    submit: (event: FormEvent) => {
      event.preventDefault();
      send();
    },
    onKey: (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
    },
  };
}

/** To the first field that is wrong, which may be folded away. */
function goToFirstWrong(form: HTMLFormElement | null): void {
  const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
  const folded = field?.closest('details');
  if (folded) folded.open = true;
  field?.focus();
}

const FIELDS: readonly string[] = ['description', 'user_id', 'budget_usd', 'max_turns', 'files'];

const AGAIN =
  'Then press Submit task again: what you wrote is kept, and if the task was stored already, no second one is made.';

/** No answer, or one that says nothing of the task. */
function mayBeStored(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.code === 'invalid_response');
}

/** What the orchestrator had against it: at its field, or above the button. */
function objectionOf(error: Error | null): { errors: DraftErrors; trouble: string | null } {
  if (!error) return { errors: {}, trouble: null };
  const { title, mend } = wordsOf(error);
  if (error instanceof ApiError && error.field && FIELDS.includes(error.field))
    return { errors: { [error.field]: mend }, trouble: null };
  return { errors: {}, trouble: [`${title}.`, mend, mayBeStored(error) && AGAIN].filter(Boolean).join(' ') };
}
