// New task: not built yet.
import { Construction } from 'lucide-react';
import { Empty } from '../../design/states.tsx';
import { Page } from '../../shell/page.tsx';

export function NewTaskPage() {
  return (
    <Page title="New task">
      <Empty icon={Construction} title="Not built yet" />
    </Page>
  );
}
