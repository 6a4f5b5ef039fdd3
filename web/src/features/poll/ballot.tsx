// The ballot: choosing, casting, and what is said about it. "Recorded" is said only after the server's answer.
import { useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { Form } from '../../components/form';
import type { Poll, PollState } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { Choices } from './choices';
import { Receipt } from './receipt';
import { useBallot } from './use-ballot';
import { useBallotStatus } from './use-ballot-status';

export function Ballot({ poll, state }: { poll: Poll; state: PollState }) {
  const { t } = useTranslation();
  const view = useBallot(poll, state);
  const status = useBallotStatus(view);
  const foot = useRef<HTMLDivElement>(null);
  const formId = useId();
  const missingId = `${formId}-missing`;

  const { mode, choosing, changeable, ballot, fault } = view;
  const { inFlight, settled } = view.casting;

  // The pressed button was disabled and the list may be gone: neither the keyboard's place nor the answer may go with them.
  useEffect(() => {
    if (inFlight || !settled) return;
    if (document.activeElement === document.body) foot.current?.focus({ preventScroll: true });
    foot.current?.scrollIntoView({ block: 'nearest' });
  }, [inFlight, settled]);

  return (
    <div className="card ballot">
      {choosing && (
        <Form id={formId} onSend={view.send}>
          <Choices
            poll={poll}
            choice={view.choice}
            onChoice={view.choose}
            disabled={inFlight}
            describedBy={view.missing ? missingId : undefined}
          />
        </Form>
      )}
      <div className="cast" data-choosing={choosing} ref={foot} tabIndex={-1}>
        <p role="status" className="cast-status" data-done={mode === 'voted' && !choosing}>
          {status}
        </p>
        <div role="alert">
          {view.missing && (
            <p id={missingId} className="fault">
              {t('poll.chooseFirst')}
            </p>
          )}
          {fault && <p className="fault">{describeFault(fault, t)}</p>}
        </div>
        {!choosing && ballot?.receipt !== undefined && <Receipt receipt={ballot.receipt} />}
        <div className="cast-buttons">
          {choosing && (
            <button type="submit" form={formId} className="primary" disabled={inFlight}>
              {t(mode === 'sign-in' ? 'poll.signInToVote' : changeable ? 'poll.change' : 'poll.vote')}
            </button>
          )}
          {changeable && (
            <button
              type="button"
              className="secondary"
              disabled={inFlight}
              onClick={choosing ? view.stopChanging : view.startChanging}
            >
              {t(choosing ? 'poll.keep' : 'poll.change')}
            </button>
          )}
        </div>
      </div>
    </div>
  );
}
