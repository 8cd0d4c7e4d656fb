// A menu of choices. Its list is a tenth of what a page weighs, so until it is first wanted only the button is there.
import { lazy, Suspense, useState } from 'react';
import { ChoiceButton, type ChoiceMenuProps } from './choice-button.tsx';

const load = () => import('./choice-list.tsx');
const ChoiceList = lazy(async () => ({ default: (await load()).ChoiceList }));

/** A select: the button says what is chosen. */
export function ChoiceMenu<Value extends string>(props: ChoiceMenuProps<Value>) {
  const { onChange, ...shown } = props;
  const [wanted, setWanted] = useState(false);
  const button = (
    <ChoiceButton
      {...shown}
      aria-haspopup="menu"
      aria-expanded={wanted}
      onPointerEnter={load}
      onFocus={load}
      onClick={() => setWanted(true)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown') return;
        event.preventDefault();
        setWanted(true);
      }}
    />
  );
  if (!wanted) return button;
  // Which values there are is known to both sides; `lazy` alone forgets it.
  const given = props as unknown as ChoiceMenuProps<string>;
  return (
    <Suspense fallback={button}>
      <ChoiceList {...given} />
    </Suspense>
  );
}
