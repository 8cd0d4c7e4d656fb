// Home: not built yet.
import { Construction } from 'lucide-react';
import { Empty } from '../../design/states.tsx';
import { Page } from '../../shell/page.tsx';

export function HomePage() {
  return (
    <Page title="Home">
      <Empty icon={Construction} title="Not built yet" />
    </Page>
  );
}
