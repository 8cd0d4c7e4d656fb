// A link that saves a text of this page as a file.
import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';

interface DownloadLinkProps {
  text: string;
  fileName: string;
  label: string;
}

export function DownloadLink({ text, fileName, label }: DownloadLinkProps) {
  const [address, setAddress] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  return (
    <a
      href={address}
      download={fileName}
      aria-label={label}
      title={label}
      className="inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-2 transition-colors hover:bg-hover hover:text-ink"
    >
      <Download aria-hidden size={14} />
    </a>
  );
}
