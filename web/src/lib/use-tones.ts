// Shows a page in tones of its room's colour: the styles take them from where they are put here.
import { useEffect } from 'react';

export function useTones(colour: string | null): void {
  useEffect(() => {
    if (colour === null) return;
    const { style, dataset } = document.documentElement;
    let isShown = true;
    void import('./tones').then(({ tonesOf }) => {
      if (!isShown) return;
      for (const [scheme, tone] of Object.entries(tonesOf(colour))) {
        for (const [name, value] of Object.entries(tone)) style.setProperty(`--${scheme}-${name}`, value);
      }
      dataset.coloured = '';
    });
    return () => {
      isShown = false;
      delete dataset.coloured;
    };
  }, [colour]);
}
