// Small texts that outlast a reload and end with the visit. Where the browser refuses its storage, they last as long as
// the page.

const held = new Map<string, string>();

export function keepForVisit(name: string, text: string): void {
  held.set(name, text);
  try {
    sessionStorage.setItem(name, text);
  } catch {
    // Refused or full: what is held serves until a reload.
  }
}

export function keptForVisit(name: string): string | null {
  const text = held.get(name);
  if (text !== undefined) return text;
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}
