// Which ballots are on their way, for all pages that ask: by whose token, so that the next person at a device isn't kept from voting.
import { useIsMutating, type Mutation } from '@tanstack/react-query';

/** Begins the key of each mutation that casts a ballot; its variables have the `token`. */
export const castKey = 'cast';

export const castBy = (token: string | null) => (mutation: Mutation) =>
  (mutation.state.variables as { token?: string } | undefined)?.token === token;

/** Whether a ballot of `token` was sent in vain so far and waits to be sent again. */
export function useUnsent(token: string | null): boolean {
  const isOwn = castBy(token);
  return useIsMutating({ mutationKey: [castKey], predicate: (mutation) => isOwn(mutation) && mutation.state.failureCount > 0 }) > 0;
}
