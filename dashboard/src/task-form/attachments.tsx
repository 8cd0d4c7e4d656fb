// The files that go along: dropped on the text or picked, listed with their sizes, taken out again.
import { Paperclip, X } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { Button, IconButton } from '../design/button.tsx';
import { formatBytes } from '../format/amount.ts';

interface FilesProps {
  files: readonly File[];
  onChange: (files: readonly File[]) => void;
}

/** For the field that files may be dropped on. */
export function useDrop({ files, onChange }: FilesProps) {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      if (event.dataTransfer.files.length > 0) event.preventDefault();
      setOver(false);
      onChange([...files, ...event.dataTransfer.files]);
    },
  };
}

export function AttachButton({ files, onChange }: FilesProps) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files"
        onChange={(event) => {
          onChange([...files, ...(event.target.files ?? [])]);
          // The same file may be picked again after it was taken out.
          event.target.value = '';
        }}
      />
      <Button kind="quiet" onClick={() => picker.current?.click()}>
        <Paperclip aria-hidden size={14} />
        Attach files
      </Button>
    </>
  );
}

export function FileList({ files, onChange, error }: FilesProps & { error: string | undefined }) {
  if (files.length === 0) return null;
  return (
    <div className="grid gap-1.5">
      <ul aria-label="Attached files" className="flex flex-wrap gap-1.5">
        {files.map((file) => (
          <li
            key={`${file.name} ${file.size} ${file.lastModified}`}
            className="flex max-w-full items-center gap-1.5 rounded-md border bg-sunken pl-2.5 text-sm"
          >
            <span className="truncate">{file.name}</span>
            <span className="nums text-xs whitespace-nowrap text-ink-3">{formatBytes(file.size)}</span>
            <IconButton
              label={`Leave out ${file.name}`}
              className="size-7"
              onClick={() => onChange(files.filter((other) => other !== file))}
            >
              <X aria-hidden size={13} />
            </IconButton>
          </li>
        ))}
      </ul>
      {error && (
        <p role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
