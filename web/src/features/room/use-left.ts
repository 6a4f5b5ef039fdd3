// Whether one has left the meeting in this tab: then a reload must not bring one back in.
import { useState } from 'react';

import { forget, keep, recall } from '../../lib/storage';

export function useLeft(code: string): [boolean, (left: boolean) => void] {
  const key = `rollcall.left.${code}`;
  const [left, setLeft] = useState(() => recall(key, 'tab') !== null);

  return [
    left,
    (now) => {
      if (now) keep(key, '1', 'tab');
      else forget(key, 'tab');
      setLeft(now);
    },
  ];
}
