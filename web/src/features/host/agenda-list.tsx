// The drafts in the order in which they are to be opened; dragged, or moved with the arrow keys or the buttons.
import { Link } from 'react-router';

import { announce } from '../../lib/announcing';
import type { Poll } from '../../lib/contract';
import { useDrag } from '../../lib/use-drag';
import { moveDraft } from './agenda';
import { moveDraftBefore } from './api';
import { useKeep } from './desk-room';
import { placeLink } from './place';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

type AgendaProps = { drafts: Poll[]; shown: Poll | undefined };

export function AgendaList({ drafts, shown }: AgendaProps) {
  const { t } = useWords();
  const { keepPoll } = useKeep();
  const faultText = useFaultText();
  const sending = useAct(
    ({ poll, before }: { poll: Poll; before: Poll | undefined; back: Poll[] }) => moveDraftBefore(poll.id, before?.id ?? null),
    ({ items }) => items.forEach(keepPoll),
    (_, { back }) => back.forEach(keepPoll),
  );

  const move = (from: number, to: number) => {
    const poll = drafts[from];
    const next = moveDraft(drafts, from, to);
    if (poll === undefined || next === drafts || from === to || sending.isPending) return;
    next.forEach(keepPoll);
    announce(t('desk.draftMoved', { title: poll.title, place: to + 1 }));
    sending.mutate({ poll, before: next[to + 1], back: drafts });
    // Where the browser takes the focus from what has moved, it is given back.
    const focused = document.activeElement;
    if (focused instanceof HTMLElement) requestAnimationFrame(() => focused.focus());
  };
  const drag = useDrag(drafts.length, move);

  return (
    <section className="stack tight" aria-labelledby="agenda-title">
      <h3 id="agenda-title">{t('desk.agenda')}</h3>
      <ol className="agenda" data-dragging={drag.dragging !== null}>
        {drafts.map((poll, at) => (
          <li key={poll.id} ref={drag.rowRef(at)} style={drag.style(at)} data-dragged={drag.dragging === at}>
            {drafts.length > 1 && (
              <button
                type="button"
                className="agenda-handle"
                aria-label={t('desk.draftHandle', { title: poll.title, place: at + 1 })}
                {...drag.handle(at)}
              >
                <span aria-hidden="true">⠿</span>
              </button>
            )}
            <Link className="poll-line" to={placeLink('poll', poll.id)} aria-current={poll === shown ? 'true' : undefined}>
              <span className="poll-line-title"><bdi>{poll.title}</bdi></span>
              {poll.follows !== null && <span className="hint">{t('desk.follows')}</span>}
            </Link>
            {drafts.length > 1 && (
              <>
                <MoveButton poll={poll} way="up" isAtEnd={at === 0} onMove={() => move(at, at - 1)} />
                <MoveButton poll={poll} way="down" isAtEnd={at === drafts.length - 1} onMove={() => move(at, at + 1)} />
              </>
            )}
          </li>
        ))}
      </ol>
      <div role="alert">{sending.error && <p className="fault">{faultText(sending.error)}</p>}</div>
    </section>
  );
}

type MoveButtonProps = { poll: Poll; way: 'up' | 'down'; isAtEnd: boolean; onMove: () => void };

function MoveButton({ poll, way, isAtEnd, onMove }: MoveButtonProps) {
  const { t } = useWords();

  return (
    <button
      type="button"
      className="agenda-move"
      aria-label={t(`desk.draft_${way}`, { title: poll.title })}
      aria-disabled={isAtEnd}
      onClick={() => !isAtEnd && onMove()}
    >
      <span aria-hidden="true">{way === 'up' ? '↑' : '↓'}</span>
    </button>
  );
}
