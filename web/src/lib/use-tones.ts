// Shows a page in tones of its room's colour: the styles take them from where they are put here.
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { roomQuery } from './queries';

export function useTones(code: string): void {
  const colour = useQuery(roomQuery(code)).data?.colour ?? null;

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
