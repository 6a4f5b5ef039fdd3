// A text box whose Enter sends, and whose Shift and Enter break the line.
import { useEffect, useState, type CompositionEvent, type KeyboardEvent, type RefObject } from 'react';

import { makeEnterReader } from '../../lib/enter';

/** The listeners of the box, which sends what stands in it. */
export function useEnterSends(box: RefObject<HTMLTextAreaElement | null>, send: () => void) {
  const [enter] = useState(makeEnterReader);

  // React has no event of this kind. A phone tells of its Enter by the line break alone.
  useEffect(() => {
    const watched = box.current;
    const look = (event: InputEvent) => {
      if (event.inputType !== 'insertLineBreak' && event.inputType !== 'insertParagraph') return;
      const answer = enter.lineBreak();
      if (answer !== 'leave') event.preventDefault();
      if (answer === 'send') send();
    };
    watched?.addEventListener('beforeinput', look);
    return () => watched?.removeEventListener('beforeinput', look);
  });

  return {
    onKeyDown: (event: KeyboardEvent) => {
      const answer = enter.keydown(event.nativeEvent);
      if (answer !== 'leave') event.preventDefault();
      if (answer === 'send') send();
    },
    onKeyUp: enter.rest,
    onFocus: enter.rest,
    onCompositionEnd: ({ data }: CompositionEvent) => enter.compositionend(data, send),
  };
}
