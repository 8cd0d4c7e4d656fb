// A modal dialog on the browser's own <dialog>: it keeps the focus in, closes on Esc, and makes the page behind it inert
// without the inline <style> that Radix's modal parts need.
import { X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Button, IconButton } from './button.tsx';
import { classes } from './classes.ts';

interface ModalProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
}

export function Modal({ title, open, onClose, children, wide = false }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      className={classes(
        'm-auto max-h-[85dvh] w-[calc(100vw-2rem)] overflow-y-auto rounded-lg border bg-raised p-0 text-ink shadow-pop',
        wide ? 'max-w-2xl' : 'max-w-md',
      )}
    >
      {open && (
        <>
          <div className="flex items-center justify-between gap-4 border-b py-2 pr-2 pl-4">
            <h2 className="text-base font-semibold">{title}</h2>
            <IconButton label="Close" onClick={onClose}>
              <X aria-hidden size={16} />
            </IconButton>
          </div>
          <div className="p-4">{children}</div>
        </>
      )}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  open: boolean;
  onClose: () => void;
  /** What will happen, in words. */
  children: ReactNode;
  /** The word on the button that does it. */
  action: string;
  onConfirm: () => void;
  danger?: boolean;
}

export function Confirm({ action, onConfirm, children, danger = false, ...modal }: ConfirmProps) {
  return (
    <Modal {...modal}>
      <div className="text-ink-2">{children}</div>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={modal.onClose}>Back</Button>
        <Button
          kind={danger ? 'danger' : 'primary'}
          onClick={() => {
            modal.onClose();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </div>
    </Modal>
  );
}
