// A file, read: text up to a size as it stands, images as images, anything else by its size. Nothing in it is run.
import { useQuery } from '@tanstack/react-query';
import { FileQuestion } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ApiError } from '../../data/api.ts';
import { ScrollArea } from '../../design/scroll-area.tsx';
import { Empty, Failed, Loading, Skeleton } from '../../design/states.tsx';
import { formatBytes } from '../../format/amount.ts';

/** More than this is for an editor. */
const BYTES_MAX = 512 * 1_024;
const IMAGE = /\.(png|jpe?g|gif|webp|avif)$/i;
const IMAGE_BYTES_MAX = 10 * 1_024 * 1_024;

interface FilePreviewProps {
  address: string;
  file: { path: string; bytes: number };
}

export function FilePreview({ address, file }: FilePreviewProps) {
  const isImage = IMAGE.test(file.path);
  if (file.bytes > (isImage ? IMAGE_BYTES_MAX : BYTES_MAX)) {
    return (
      <Empty icon={FileQuestion} title={`${formatBytes(file.bytes)} is too large to show here`}>
        Download it instead.
      </Empty>
    );
  }
  return <Content address={address} path={file.path} isImage={isImage} />;
}

function Content({ address, path, isImage }: { address: string; path: string; isImage: boolean }) {
  const query = useQuery({ queryKey: ['file', address], queryFn: ({ signal }) => readFile(address, signal) });
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) {
    return (
      <Loading what="the file">
        <Skeleton className="m-4 h-4 w-64" />
      </Loading>
    );
  }
  if (isImage) return <Picture content={query.data} path={path} />;
  return <Text content={query.data} path={path} />;
}

async function readFile(address: string, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(address, { signal });
  if (response.ok) return response.blob();
  throw new ApiError({ status: response.status, code: 'not_found', detail: 'the file cannot be read: it may be gone' });
}

function Text({ content, path }: { content: Blob; path: string }) {
  const [text, setText] = useState<string | null>('');
  useEffect(() => {
    let isCurrent = true;
    void content.arrayBuffer().then((bytes) => isCurrent && setText(decode(bytes)));
    return () => {
      isCurrent = false;
    };
  }, [content]);
  if (text === null)
    return (
      <Empty icon={FileQuestion} title="This is no text">
        Download it instead.
      </Empty>
    );
  return (
    <ScrollArea label={path} className="min-w-0 grow p-4">
      <pre className="font-mono text-xs whitespace-pre-wrap">{text}</pre>
    </ScrollArea>
  );
}

/** Null for bytes that are no UTF-8. */
function decode(bytes: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function Picture({ content, path }: { content: Blob; path: string }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(content);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [content]);
  return (
    <div className="min-h-0 grow overflow-auto p-4">
      {address && <img src={address} alt={path} className="max-w-full" />}
    </div>
  );
}
