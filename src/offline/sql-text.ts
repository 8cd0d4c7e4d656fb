// Finds a SQL statement inside a text, for the planner (it must not be cut) and for the sql skill.
const START = [
  String.raw`select\s+(?:\*|distinct\s|current_\w+|\w+\(|\d|'|[\w.",\s()*]+?\sfrom\s)`,
  String.raw`with\s+\w+\s+as\s*\(`,
  String.raw`insert\s+into\s+\S+\s*(?:\(|values|select)`,
  String.raw`create\s+(?:or\s+replace\s+|temp(?:orary)?\s+|unique\s+)?(?:table|view|index|schema|function|extension|role)\s+(?:if\s+not\s+exists\s+)?[\w.'"]+\s*(?:\(|as\b|on\b|;|$)`,
  String.raw`update\s+\S+\s+set\s+\S+\s*=`,
  String.raw`delete\s+from\s+\S+\s*(?:where\b|;|$)`,
  String.raw`(?:drop|alter|truncate)\s+(?:table|view|schema|role|database)\s+\S+`,
  String.raw`truncate\s+\S+\s*(?:;|$)`,
  String.raw`explain\s+(?:analyze\s+)?select\b`,
  String.raw`values\s*\(`,
].join('|');
const STATEMENT = new RegExp(String.raw`(?:^|[\s:"'\x60(])((?:${START})[\s\S]*)`, 'i');
const AFTERWARDS =
  /[.,]?\s+(?:and|then|,\s*then)\s+(?:tell|show|report|return|give|explain|write|save|analy[sz]e|summari[sz]e|create a|generate)\b[\s\S]*$/i;

/** The statement (or statements) in `text`, without the quotes around and the prose after; undefined without any. */
export function findSql(text: string): string | undefined {
  const found = STATEMENT.exec(text);
  const statement = found?.[1];
  if (statement === undefined) return undefined;
  const quote = /["'`(]/.exec(found?.[0].charAt(0) ?? '')?.[0];
  const end = quote && quote !== '(' ? statement.lastIndexOf(quote) : -1;
  const inside = end > 0 ? statement.slice(0, end) : (statement.split(/```|\n\s*\n/)[0] ?? '');
  return inside.replace(AFTERWARDS, '').replace(/[\s.?!;`]+$/, '');
}
