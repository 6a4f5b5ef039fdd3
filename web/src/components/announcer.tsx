// The page's one polite live region. Anything may be said through lib/announcing.ts; it never takes the focus, and
// what was said leaves the page again: who reads on from there must not meet old news.
import { useEffect, useState } from 'react';

import { listen } from '../lib/announcing';

/** Longer than a screen reader that is speaking takes to get to it. */
const staysMs = 20_000;

export function Announcer() {
  const [said, setSaid] = useState({ text: '', turn: 0 });

  useEffect(() => listen((text) => setSaid(({ turn }) => ({ text, turn: turn + 1 }))), []);

  useEffect(() => {
    if (said.text === '') return;
    const timer = setTimeout(() => setSaid(({ turn }) => ({ text: '', turn })), staysMs);
    return () => clearTimeout(timer);
  }, [said]);

  // A new element each time: the same words twice would otherwise be no change, and unsaid.
  return (
    <div role="status" className="unseen">
      {said.text && <p key={said.turn}><bdi>{said.text}</bdi></p>}
    </div>
  );
}
