// Capabilities as chips.

export function CapabilityList({ names }: { names: readonly string[] }) {
  if (names.length === 0) return <p className="text-xs text-ink-3">Capabilities unknown</p>;
  return (
    <ul aria-label="Capabilities" className="flex flex-wrap gap-1">
      {names.map((name) => (
        <li key={name} className="rounded-sm border bg-sunken px-1.5 font-mono text-2xs leading-5 text-ink-2">
          {name}
        </li>
      ))}
    </ul>
  );
}
