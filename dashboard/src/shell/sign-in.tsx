// Stands in the place of every page while the orchestrator asks for a key.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { wordsOf } from '../data/api.ts';
import { enter, signIn } from '../data/session.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Panel } from '../design/panel.tsx';

export function SignIn() {
  const [key, setKey] = useState('');
  const queryClient = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (typed: string) => signIn(typed),
    onSuccess: () => {
      queryClient.clear();
      enter();
    },
  });
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center p-4">
      <h1 className="mb-4 flex items-center gap-2 text-lg font-semibold">
        <img src="/icon.svg" alt="" width={20} height={20} />
        Sign in to Muster
      </h1>
      <Panel>
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            mutate(key.trim());
          }}
        >
          <TextField
            label="API key"
            type="password"
            autoComplete="current-password"
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
            error={error ? wordsOf(error).mend : null}
            hint="Who runs Muster makes one with: muster keys create"
          />
          <Button type="submit" kind="primary" disabled={isPending || key.trim() === ''}>
            {isPending ? 'Signing in…' : 'Sign in'}
          </Button>
        </form>
      </Panel>
    </main>
  );
}
