// The files of the task: what was attached, what agents wrote. Text can be read here; everything can be downloaded.
import { useQuery } from '@tanstack/react-query';
import { Download, File, FolderOpen } from 'lucide-react';
import { listFilesResponse } from '../../../../src/protocol/api.ts';
import { apiUrl, request } from '../../data/api.ts';
import { classes } from '../../design/classes.ts';
import { Empty, Failed, Loading, Skeleton } from '../../design/states.tsx';
import { formatBytes } from '../../format/amount.ts';
import { FilePreview } from './file-preview.tsx';

interface TaskFilesProps {
  taskId: string;
  /** Changes when files may have. */
  version: number;
  shown: string | undefined;
  onShow: (path: string | undefined) => void;
}

export function fileUrl(taskId: string, path: string): string {
  return apiUrl(['tasks', taskId, 'files', ...path.split('/')]);
}

export function TaskFiles({ taskId, version, shown, onShow }: TaskFilesProps) {
  const query = useQuery({
    queryKey: ['task', taskId, 'files', version],
    queryFn: ({ signal }) => request({ url: apiUrl(['tasks', taskId, 'files']), schema: listFilesResponse, signal }),
    placeholderData: (before) => before,
  });
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) {
    return (
      <Loading what="the files">
        <Skeleton className="m-4 h-4 w-1/2" />
      </Loading>
    );
  }
  const { files } = query.data;
  if (files.length === 0) {
    return (
      <Empty icon={FolderOpen} title="No files">
        Attached files stand under input/; what agents write appears under output/.
      </Empty>
    );
  }
  const file = files.find(({ path }) => path === shown);
  return (
    <div className="flex h-full flex-col md:flex-row">
      <ul
        aria-label="Files"
        className="min-h-0 shrink-0 overflow-y-auto border-b max-md:max-h-48 md:w-80 md:border-r md:border-b-0"
      >
        {files.map(({ path, bytes }) => (
          <li
            key={path}
            className={classes('flex items-center border-b', path === shown ? 'tone-accent tinted' : 'hover:bg-hover')}
          >
            <button
              type="button"
              aria-pressed={path === shown}
              onClick={() => onShow(path)}
              className="flex min-w-0 grow items-center gap-2 px-3 py-2 text-left text-sm"
            >
              <File aria-hidden size={14} className="shrink-0 text-ink-3" />
              <span className="truncate">{path}</span>
              <span className="nums ml-auto shrink-0 text-xs text-ink-3">{formatBytes(bytes)}</span>
            </button>
            <a
              href={fileUrl(taskId, path)}
              download={path.split('/').at(-1)}
              aria-label={`Download ${path}`}
              className="inline-flex size-8 shrink-0 items-center justify-center text-ink-3 hover:text-ink"
            >
              <Download aria-hidden size={14} />
            </a>
          </li>
        ))}
      </ul>
      {file ? (
        <FilePreview key={file.path} address={fileUrl(taskId, file.path)} file={file} />
      ) : (
        <Empty icon={File} title="Choose a file to read it here" />
      )}
    </div>
  );
}
