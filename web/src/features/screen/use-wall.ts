// What a wall does that a page does not: stays awake, fills the screen, hides a pointer that nobody moves.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';

const idleMs = 3000;

/** Keeps the display on while the page is seen. Browsers grant it over HTTPS alone. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    const hold = () => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      navigator.wakeLock.request('screen').then(
        (held) => {
          lock = held;
        },
        // The battery is low, or a policy forbids it: the screen shows as well without.
        () => undefined,
      );
    };
    hold();
    // The browser lets go of it whenever the page is hidden.
    document.addEventListener('visibilitychange', hold);
    return () => {
      document.removeEventListener('visibilitychange', hold);
      void lock?.release();
    };
  }, []);
}

/** Whether nobody has moved a pointer or pressed a key for a while. */
export function useIdle(): boolean {
  const [idle, setIdle] = useState(true);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wake = () => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(true), idleMs);
    };
    const signs = ['pointermove', 'pointerdown', 'keydown'] as const;
    signs.forEach((sign) => window.addEventListener(sign, wake));
    return () => {
      clearTimeout(timer);
      signs.forEach((sign) => window.removeEventListener(sign, wake));
    };
  }, []);

  return idle;
}

/** Listens for keys anywhere on the page, but for those that press a button that has the focus. */
export function useKeys(handle: (event: KeyboardEvent) => void): void {
  const latest = useRef(handle);
  useEffect(() => {
    latest.current = handle;
  });

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const own = event.target instanceof HTMLButtonElement && (event.key === ' ' || event.key === 'Enter');
      if (!own && !event.ctrlKey && !event.metaKey && !event.altKey) latest.current(event);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}

function watchFullScreen(tell: () => void): () => void {
  document.addEventListener('fullscreenchange', tell);
  return () => document.removeEventListener('fullscreenchange', tell);
}

/** `toggle` is null where the browser has no full screen, on an iPhone say. */
export function useFullScreen(): { full: boolean; toggle: (() => void) | null } {
  const full = useSyncExternalStore(watchFullScreen, () => document.fullscreenElement !== null);
  const toggle = () => {
    const done = full ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    done.catch(() => undefined);
  };
  return { full, toggle: document.fullscreenEnabled ? toggle : null };
}

/** Whether a media query holds, now and whenever that changes. */
export function useMedia(query: string): boolean {
  const watch = (tell: () => void) => {
    const list = window.matchMedia(query);
    list.addEventListener('change', tell);
    return () => list.removeEventListener('change', tell);
  };
  return useSyncExternalStore(watch, () => window.matchMedia(query).matches);
}
