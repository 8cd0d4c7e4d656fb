// Text for a terminal: made harmless, measured in columns, cut and padded. A model's words pass through here before
// they are shown, since an escape sequence in them could repaint the screen or worse.
import { stripVTControlCharacters } from 'node:util';

/** Characters that reorder what stands around them. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const CONTROLS = /\p{Cc}/gu;
const CONTROLS_BUT_NEWLINE = /[^\P{Cc}\n]/gu;

/** Blocks whose characters fill two columns: Hangul Jamo, CJK, kana, Hangul, compatibility and fullwidth forms. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
/** Most text, and one column a character: not worth a segmenter. */
const PLAIN = /^[ -~]*$/;
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Everything on one line, without control characters. */
export function oneLine(text: string): string {
  return harmless(text).replace(/\s+/gu, ' ').replace(CONTROLS, '').trim();
}

/** Its lines kept, other control characters gone. */
export function block(text: string): string {
  return harmless(text).replace(/\r\n?/g, '\n').replaceAll('\t', '  ').replace(CONTROLS_BUT_NEWLINE, '').trimEnd();
}

function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(BIDI_CONTROLS, '');
}

/** Columns that a line without control characters fills. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += columnsOfGrapheme(segment);
  return columns;
}

function columnsOfGrapheme(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return INVISIBLE.test(grapheme) ? 0 : 1;
}

/** At most `width` columns; what is cut ends in an ellipsis. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
    columns += columnsOfGrapheme(segment);
    if (columns > width - 1) break;
    kept += segment;
  }
  return width > 0 ? `${kept}…` : '';
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - columnsOf(text)));
  return align === 'left' ? text + space : space + text;
}

/** `0.3 s`, `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Local date and time to the second, in a form that sorts. */
export function localTime(instant: string): string {
  return new Date(instant).toLocaleString('sv-SE');
}
