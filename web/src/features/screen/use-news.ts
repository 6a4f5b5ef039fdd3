// What the wall says aloud: openings and final results, once each, and no number in between.
import { useEffect } from 'react';

import { announce } from '../../lib/announcing';

/** Announces a text when it becomes another; null says nothing. */
export function useNews(text: string | null): void {
  useEffect(() => {
    if (text !== null) announce(text);
  }, [text]);
}
