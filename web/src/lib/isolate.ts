// Keeps the text of people from reordering what stands around it, where no <bdi> can: in sentences, attributes, titles.

/** Letters that run from right to left, Arabic digits, and characters that turn the direction. */
const turning =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** These would end the isolation, or reach beyond it. */
const controls = /[\u202a-\u202e\u2066-\u2069]/g;
const [firstStrong, pop] = ['\u2068', '\u2069'];

/** The text between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE; what cannot turn anything stays as it is. */
export function isolate(text: string): string {
  if (!turning.test(text) || isIsolated(text)) return text;
  return `${firstStrong}${text.replace(controls, '')}${pop}`;
}

/** Names in a row, each by itself. */
export function listNames(names: readonly string[]): string {
  return names.map(isolate).join(', ');
}

/** Whether a text consists of isolated texts and what cannot turn anything. */
function isIsolated(text: string): boolean {
  return !turning.test(text.replace(/\u2068[^\u2066-\u2069\u202a-\u202e]*\u2069/g, ''));
}
