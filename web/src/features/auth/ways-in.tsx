// The ways into a room, those that it allows: a code, a name as guest, an account. The likeliest is open, the others one tap away.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Way } from '../../lib/back';
import type { Poll } from '../../lib/contract';
import { useGuestKey } from '../../lib/claims';
import { pollsQuery, useSignUpRule } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { EntryForm } from './entry-form';
import { ClaimForm, GuestForm } from './seat-form';
import type { EntryMode } from './use-enter';
import { useEntryRoom } from './use-entry-room';
import { firstWay } from './ways';
import './ways.css';

const none: Poll[] = [];
const titles = { code: 'auth.byCode', guest: 'auth.asGuest', account: 'auth.byEmail' } as const;
const hints = { code: 'auth.byCodeHint', guest: 'auth.asGuestHint', account: 'auth.byEmailHint' } as const;

type WaysInProps = { room: string; asked?: Way | undefined; only?: Way; onDone: () => void };

export function WaysIn({ room, asked, only, onDone }: WaysInProps) {
  const about = useEntryRoom(room);
  const polls = useQuery(pollsQuery(room)).data ?? none;
  const key = useGuestKey(room);
  if (about === undefined && only === undefined) return <div className="awaited" aria-busy="true" />;

  // A room that strangers can't see takes guests by its link alone.
  const takesGuests = about == null ? key !== null : about.guests && (about.visibility !== 'members' || key !== null);
  const ways: Way[] = only ? [only] : takesGuests ? ['code', 'guest', 'account'] : ['code', 'account'];
  const first = firstWay(ways, asked, polls);
  return <Ways room={room} ways={[first, ...ways.filter((way) => way !== first)]} first={first} onDone={onDone} />;
}

function Ways({ room, ways, first, onDone }: { room: string; ways: Way[]; first: Way; onDone: () => void }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const [shown, setShown] = useState<Way>(first);
  const [wanted, setMode] = useState<EntryMode>('sign-in');
  const mode = useSignUpRule() === 'closed' ? 'sign-in' : wanted;

  // One came here to type: the keyboard is up where the browser lets it.
  useEffect(() => {
    list.current?.querySelector<HTMLInputElement>('.way-form input')?.focus({ preventScroll: true });
  }, [shown]);

  const forms = {
    code: () => <ClaimForm room={room} onDone={onDone} />,
    guest: () => <GuestForm room={room} onDone={onDone} />,
    account: () => <EntryForm room={room} mode={mode} onMode={setMode} />,
  };

  return (
    <ul ref={list} className="ways" aria-label={t('auth.how')}>
      {ways.map((way) => (
        <li key={way} className="card way">
          {(ways.length > 1 || token === null) && (
            <h2>
              <button
                type="button"
                aria-expanded={way === shown}
                aria-controls={`${id}-${way}`}
                aria-describedby={`${id}-${way}-hint`}
                onClick={() => setShown(way)}
              >
                {t(titles[way])}
              </button>
            </h2>
          )}
          <p id={`${id}-${way}-hint`} className="hint" hidden={way === shown}>
            {t(hints[way])}
          </p>
          <div id={`${id}-${way}`} className="way-form">
            {way === shown && forms[way]()}
          </div>
        </li>
      ))}
    </ul>
  );
}
