// Logs: not built yet.
import { Construction } from 'lucide-react';
import { Empty } from '../../design/states.tsx';
import { Page } from '../../shell/page.tsx';

export function LogsPage() {
  return (
    <Page title="Logs">
      <Empty icon={Construction} title="Not built yet" />
    </Page>
  );
}
