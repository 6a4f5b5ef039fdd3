// Whether there is room to put things side by side.
import { useSyncExternalStore } from 'react';

const query = '(min-width: 64rem)';

function watch(tell: () => void): () => void {
  const media = window.matchMedia(query);
  media.addEventListener('change', tell);
  return () => media.removeEventListener('change', tell);
}

export function useWide(): boolean {
  return useSyncExternalStore(watch, () => window.matchMedia(query).matches);
}
