// Tasks to begin with: all of them within the reach of the offline model.

const EXAMPLES = [
  'Calculate factorial of 5 and calculate fibonacci of 10 independently',
  'First read data from file, then analyze the data, finally generate a report based on analysis',
  'Fetch weather data from API, analyze temperature trends, and create summary report',
  'Calculate sum of 1 to 10, then calculate product of 1 to 5, then combine results',
];

export function Examples({ onPick }: { onPick: (description: string) => void }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
      <p className="text-xs text-ink-3">Or begin with one of these:</p>
      <ul aria-label="Example tasks" className="flex flex-wrap gap-1.5">
        {EXAMPLES.map((example) => (
          <li key={example} className="max-w-full">
            <button
              type="button"
              onClick={() => onPick(example)}
              className="max-w-full truncate rounded-full border bg-surface px-3 py-1 text-left text-xs text-ink-2 transition-colors hover:border-line-strong hover:text-ink"
            >
              {example}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
