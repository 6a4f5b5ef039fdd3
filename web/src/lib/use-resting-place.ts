// Where the focus rests when what had it leaves the page, as a step's button does once the step is taken.
import { useEffect, useRef } from 'react';

/** Returns refs for an area, and for the place in it that takes the focus of whatever is removed from the area. */
export function useRestingPlace<Area extends HTMLElement, Place extends HTMLElement>() {
  const area = useRef<Area>(null);
  const place = useRef<Place>(null);

  useEffect(() => {
    const watched = area.current;
    if (watched === null) return;
    let holder: EventTarget | null = null;
    const remember = (event: FocusEvent) => (holder = event.target);
    // Told when the nodes are gone, however long after the step that took them that is.
    const observer = new MutationObserver(() => {
      const isGone = holder instanceof Node && !holder.isConnected;
      if (isGone && document.activeElement === document.body) place.current?.focus();
    });
    watched.addEventListener('focusin', remember);
    observer.observe(watched, { childList: true, subtree: true });
    return () => {
      watched.removeEventListener('focusin', remember);
      observer.disconnect();
    };
  }, []);

  return { area, place };
}
