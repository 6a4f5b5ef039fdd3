// One step of a host: sent once, told when done, its refusal kept to be shown where it was asked for.
import { useMutation } from '@tanstack/react-query';

export function useAct<T, V = void>(
  act: (what: V) => Promise<T>,
  done?: (answer: T, what: V) => void,
  failed?: (fault: Error, what: V) => void,
) {
  return useMutation<T, Error, V>({
    // A hall's LAN without internet is online enough.
    networkMode: 'always',
    mutationFn: act,
    ...(done && { onSuccess: (answer, what) => done(answer, what) }),
    ...(failed && { onError: (fault, what) => failed(fault, what) }),
  });
}
