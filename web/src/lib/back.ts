// Where signing in leads back to, and with which state; it travels in the history entry, never in the address.

export type Back = { to: string; state: unknown };

/** The `back` in a history entry's state, or the start page. */
export function readBack(state: unknown): Back {
  if (typeof state === 'object' && state !== null && 'back' in state) {
    const { back } = state;
    if (typeof back === 'object' && back !== null && 'to' in back && typeof back.to === 'string') {
      return { to: back.to, state: 'state' in back ? back.state : null };
    }
  }
  return { to: '/', state: null };
}
