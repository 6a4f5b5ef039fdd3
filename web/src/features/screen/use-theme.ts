// Dark or light: as the system is, until somebody at the screen chooses.
import { useState } from 'react';

import { keep, recall } from '../../lib/storage';
import { useMedia } from './use-wall';

export type Theme = 'dark' | 'light';

const key = 'rollcall.screen.theme';

export function useTheme(): { theme: Theme; toggle: () => void } {
  const system = useMedia('(prefers-color-scheme: dark)') ? 'dark' : 'light';
  const [chosen, setChosen] = useState(() => recall(key));
  const theme = chosen === 'dark' || chosen === 'light' ? chosen : system;

  const toggle = () => {
    const other = theme === 'dark' ? 'light' : 'dark';
    keep(key, other);
    setChosen(other);
  };
  return { theme, toggle };
}
