// Shown to who signed in with a key; where none is asked for there is nothing to leave.
import { useQueryClient } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { signOut, useMe } from '../data/session.ts';
import { IconButton } from '../design/button.tsx';

export function SignOutButton() {
  const { data: me } = useMe();
  const queryClient = useQueryClient();
  if (!me?.by_key) return null;
  const leave = async () => {
    await signOut();
    queryClient.clear();
  };
  return (
    <IconButton label={`Sign out (${me.user_id}, ${me.role})`} onClick={() => void leave()}>
      <LogOut aria-hidden size={16} />
    </IconButton>
  );
}
