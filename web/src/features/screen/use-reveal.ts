import { useCallback, useEffect, useState } from 'react';

import { nextStage, stageMs, type Stage } from './reveal';
import { useKeys } from './use-wall';

/** The stage that a result is in: it goes on by itself where that is `due`, and at once by Escape. */
export function useReveal(first: Stage, due = true): Stage {
  const [stage, setStage] = useState(first);
  const goOn = useCallback(() => setStage((now) => nextStage[now]), []);

  useEffect(() => {
    const ms = stageMs[stage];
    if (ms === null || !due) return;
    const timer = setTimeout(goOn, ms);
    return () => clearTimeout(timer);
  }, [stage, due, goOn]);
  useKeys(({ key }) => {
    if (key === 'Escape') goOn();
  });

  return stage;
}
