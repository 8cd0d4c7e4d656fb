// Text of a model: as Markdown once its reader is loaded, until then as it stands.
import { lazy, Suspense } from 'react';

const Markdown = lazy(() => import('./markdown.tsx'));

export function RichText({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
      <Markdown text={text} />
    </Suspense>
  );
}
