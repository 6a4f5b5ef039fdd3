// Where signing in leads back to, and with which state; it travels in the history entry, never in the address.

/** How one comes into a room. */
export type Way = 'account' | 'guest' | 'code';

/** `way` is how one asked to come in, where the page that led here knew. */
export type Back = { to: string; state: unknown; way?: Way };

const ways = ['account', 'guest', 'code'] as const;

/** The `back` in a history entry's state, or the start page. */
export function readBack(state: unknown): Back {
  if (typeof state === 'object' && state !== null && 'back' in state) {
    const { back } = state;
    if (typeof back === 'object' && back !== null && 'to' in back && typeof back.to === 'string') {
      const way = 'way' in back ? ways.find((each) => each === back.way) : undefined;
      return { to: back.to, state: 'state' in back ? back.state : null, ...(way && { way }) };
    }
  }
  return { to: '/', state: null };
}
