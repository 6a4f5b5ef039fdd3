// The page's one polite live region. Anything may be said through lib/announcing.ts; it never takes the focus.
import { useEffect, useState } from 'react';

import { listen } from '../lib/announcing';

export function Announcer() {
  const [said, setSaid] = useState({ text: '', turn: 0 });

  useEffect(() => listen((text) => setSaid(({ turn }) => ({ text, turn: turn + 1 }))), []);

  // A new element each time: the same words twice would otherwise be no change, and unsaid.
  return (
    <div role="status" className="unseen">
      {said.text && <p key={said.turn}>{said.text}</p>}
    </div>
  );
}
