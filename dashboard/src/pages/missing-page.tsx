// What an unknown address shows.
import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { Empty } from '../design/states.tsx';
import { useTitle } from '../shell/page.tsx';

export function MissingPage() {
  useTitle('Not found');
  return (
    <Empty icon={Compass} title="There is no page at this address">
      <Link to="/tasks" className="text-accent-ink underline">
        All tasks
      </Link>
    </Empty>
  );
}
