// The ballot: choosing, casting, and what is said about it. "Recorded" is said only after the server's answer.
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Dialog } from '../../components/dialog';
import { Disclosure } from '../../components/disclosure';
import { Form } from '../../components/form';
import type { Poll, ShownState } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { takeSignedInAccount } from '../../lib/session';
import { isOutrun } from './casting';
import { Marking } from './marking';
import { marksOf, mostMarks } from './marks';
import { MarksList } from './marks-list';
import { Receipt } from './receipt';
import { useBallot } from './use-ballot';
import { useBallotStatus } from './use-ballot-status';

/** `onPresent` is asked where the voter has to be present first, `claimForm` where they have to be on the roll. */
export type BallotProps = { poll: Poll; state: ShownState; onPresent: () => void; claimForm: ReactNode };

export function Ballot({ poll, state, onPresent, claimForm }: BallotProps) {
  const { t } = useTranslation();
  const view = useBallot(poll, state);
  const status = useBallotStatus(state, view);
  const [asking, setAsking] = useState(false);
  const foot = useRef<HTMLDivElement>(null);
  const formId = useId();
  const wrongId = `${formId}-wrong`;

  const { mode, choosing, changeable, ballot, fault, wrong, receipt } = view;
  const { inFlight, settled } = view.casting;
  const held = inFlight || (state === 'paused' && mode !== 'enter');
  const mine = marksOf(poll, ballot);

  // The pressed button was disabled and the list may be gone: neither the keyboard's place nor the answer may go with them.
  useEffect(() => {
    if (inFlight || !settled) return;
    if (document.activeElement === document.body) foot.current?.focus({ preventScroll: true });
    foot.current?.scrollIntoView({ block: 'nearest' });
  }, [inFlight, settled]);

  const sendLabel = () => {
    if (mode === 'enter') return t(poll.eligibility === 'accounts' ? 'poll.signInToVote' : 'poll.enterToVote');
    return t(changeable ? 'poll.change' : 'poll.vote');
  };

  return (
    <div className="card ballot">
      {choosing && (
        <Form id={formId} onSend={() => !held && view.send()}>
          <Marking
            poll={poll}
            marks={view.marks}
            onMarks={view.choose}
            disabled={inFlight}
            describedBy={wrong === null ? undefined : wrongId}
          />
          {mode !== 'enter' && poll.method !== 'motion' && (
            <button type="button" className="link blank" aria-disabled={held} onClick={() => !held && setAsking(true)}>
              {t('poll.blank')}
            </button>
          )}
        </Form>
      )}
      <div className="cast" data-choosing={choosing} ref={foot} tabIndex={-1}>
        <p role="status" className="cast-status" data-done={mode === 'voted' && !choosing}>
          {status}
        </p>
        <div role="alert">
          {wrong !== null && (
            <p id={wrongId} className="fault">
              {wrong === 'none' ? t(`poll.first.${poll.method}`) : t('poll.tooMany', { max: mostMarks(poll) })}
            </p>
          )}
          {fault && <p className="fault">{isOutrun(fault) ? t('poll.outrun') : describeFault(fault, t)}</p>}
        </div>
        {!choosing && receipt !== null && <Receipt key={receipt} receipt={receipt} />}
        {!choosing && mine !== null && (
          <Disclosure summary={t('poll.mine')}>
            <MarksList poll={poll} marks={mine} />
          </Disclosure>
        )}
        {mode === 'voted' && !poll.allow_change && state === 'open' && <p className="hint">{t('poll.final')}</p>}
        <div className="cast-buttons">
          {choosing && (
            <button type="submit" form={formId} className="primary" aria-disabled={held}>
              {sendLabel()}
            </button>
          )}
          {changeable && (state === 'open' || choosing) && (
            <button
              type="button"
              className="secondary"
              aria-disabled={inFlight}
              onClick={() => {
                if (!inFlight) (choosing ? view.stopChanging : view.startChanging)();
              }}
            >
              {t(choosing ? 'poll.keep' : 'poll.change')}
            </button>
          )}
          {mode === 'barred' && view.barred === 'not_present' && (
            <button type="button" className="primary" onClick={onPresent}>
              {t('room.bePresent')}
            </button>
          )}
          {mode === 'barred' && view.barred === 'not_eligible_accounts' && <AccountLink room={poll.room} />}
        </div>
        {mode === 'barred' && view.barred === 'not_eligible_roll' && <div className="claim-here">{claimForm}</div>}
      </div>
      {asking && (
        <Dialog
          title={t('poll.blankAsk')}
          action={t('poll.blankSend')}
          onClose={() => setAsking(false)}
          onAction={() => {
            setAsking(false);
            view.castBlank();
          }}
        >
          <p>{t('poll.blankMeans')}</p>
        </Dialog>
      )}
    </div>
  );
}

/** An account in place of a seat, for somebody who cannot vote as what they are in the room. */
function AccountLink({ room }: { room: string }) {
  const { t } = useTranslation();

  return (
    <Link
      className="button primary"
      to="/signin"
      state={{ back: { to: `/r/${room}`, state: null, way: 'account' } }}
      onClick={(event) => {
        if (takeSignedInAccount(room)) event.preventDefault();
      }}
    >
      {t('poll.signInToVote')}
    </Link>
  );
}
