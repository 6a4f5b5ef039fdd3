// The room's conversation: what was said, further back where asked for, and one's own word.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ZoneNote } from '../../components/zone-note';
import { numberNamesakes } from '../../lib/names';
import { messagesQuery, roomQuery, youQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { Composer } from './composer';
import { foldLines } from './lines';
import { MessageLine } from './message-line';
import { MovesLine } from './moves-line';
import { useOlder } from './use-older';
import './chat.css';

const none = [] as const;
// Only hosts load it.
const Order = lazy(() => import('./order'));
const LineOrder = lazy(() => import('./line-order'));

export function Chat({ code, shown, onSeen }: { code: string; shown: boolean; onSeen: (lastId: number) => void }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const you = useQuery(youQuery(code, token)).data;
  const zone = useQuery(roomQuery(code)).data?.timezone;
  const messages = useQuery(messagesQuery(code, token)).data ?? none;
  const older = useOlder(code, token, messages);
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [ordering, setOrdering] = useState(false);
  const isHost = you?.role === 'host';
  const outside = you === undefined || you.role === 'stranger' || you.role === 'visitor';

  const numbers = numberNamesakes(messages.map(({ author }) => author));
  const last = messages.at(-1);

  // One who reads the end goes on reading the end; one who has scrolled up stays.
  useLayoutEffect(() => {
    if (shown && atEnd.current && log.current !== null) log.current.scrollTop = log.current.scrollHeight;
  }, [last, shown]);

  useEffect(() => {
    if (shown && last !== undefined) onSeen(last.id);
  }, [shown, last, onSeen]);

  return (
    <section className="card chat" aria-labelledby="chat-title">
      <h2 id="chat-title">{t('chat.title')}</h2>
      {outside ? (
        <p className="hint">{t('chat.hidden')}</p>
      ) : (
        <>
          <ZoneNote zone={zone} />
          {isHost && (
            <Suspense>
              <Order code={code} ordering={ordering} onOrdering={setOrdering} />
            </Suspense>
          )}
          <div
            ref={log}
            className="chat-log"
            role="log"
            // Every word of a hall read aloud would drown what matters.
            aria-live="off"
            aria-labelledby="chat-title"
            // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
            tabIndex={0}
            onScroll={({ currentTarget: list }) => {
              atEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
            }}
          >
            {older.more ? (
              <button
                type="button"
                className="quiet"
                aria-disabled={older.loading}
                onClick={() => older.load(messages[0]?.id ?? 0)}
              >
                {t(older.loading ? 'app.loading' : 'chat.older')}
              </button>
            ) : (
              <p className="chat-begin">{t('chat.begin')}</p>
            )}
            <ol>
              {foldLines(messages).map((line) =>
                'moves' in line ? (
                  <MovesLine key={line.moves.id} moves={line.moves} />
                ) : (
                  <MessageLine
                    key={line.message.id}
                    message={line.message}
                    mine={line.message.author.id === you.person}
                    number={numbers.get(line.message.author.id)}
                    zone={zone}
                  >
                    {isHost && ordering && (
                      <Suspense>
                        <LineOrder code={code} message={line.message} mine={line.message.author.id === you.person} />
                      </Suspense>
                    )}
                  </MessageLine>
                ),
              )}
            </ol>
          </div>
          <Composer code={code} muted={you.muted} />
        </>
      )}
    </section>
  );
}
