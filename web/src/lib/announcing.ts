// What screen readers are told beyond what has the focus: openings, results. One voice, so that nothing is said over.

const gatherMs = 250;
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let speak: ((text: string) => void) | null = null;

/** Says it politely, in one breath with what else comes at the same moment. */
export function announce(text: string): void {
  if (!waiting.includes(text)) waiting.push(text);
  timer ??= setTimeout(() => {
    timer = undefined;
    speak?.(waiting.join(' '));
    waiting = [];
  }, gatherMs);
}

/** Who speaks: the one live region of the page. Returns how to stop. */
export function listen(say: (text: string) => void): () => void {
  speak = say;
  return () => {
    if (speak === say) speak = null;
  };
}
