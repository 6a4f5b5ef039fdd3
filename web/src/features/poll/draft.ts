// A choice not yet cast, carried through signing in within the history entry's state.

export function packDraft(pollId: number, choice: number | null): unknown {
  return choice === null ? null : { draft: { poll: pollId, choice } };
}

/** The choice carried for this poll, or null. */
export function readDraft(state: unknown, pollId: number): number | null {
  if (typeof state !== 'object' || state === null || !('draft' in state)) return null;
  const { draft } = state;
  if (typeof draft !== 'object' || draft === null || !('poll' in draft) || !('choice' in draft)) return null;
  return draft.poll === pollId && typeof draft.choice === 'number' ? draft.choice : null;
}
