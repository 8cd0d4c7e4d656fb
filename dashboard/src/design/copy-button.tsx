// Copies a text, and says for a moment that it did.
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from './button.tsx';
import { sayFailed } from './toasts.tsx';

const SAID_MS = 1_500;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), SAID_MS);
    } catch {
      sayFailed('The browser does not let this page copy: select the text instead.');
    }
  };
  return (
    <IconButton label={copied ? 'Copied' : label} onClick={copy}>
      {copied ? <Check aria-hidden size={14} className="text-success" /> : <Copy aria-hidden size={14} />}
    </IconButton>
  );
}
