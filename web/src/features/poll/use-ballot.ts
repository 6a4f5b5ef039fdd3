// What the voter has done with a ballot so far, and what may be done next. Its look is in ballot.tsx.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';

import { isSessionOver, Refusal } from '../../lib/api';
import type { Marks, Poll, ShownState } from '../../lib/contract';
import { ballotQuery, youQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { readBar, readBarred, readMode } from './casting';
import { forgetKept, keepDraft, recallDraft, recallReceipt } from './keeping';
import { blankMarks, isBlank, marksFault, marksOf, type Fault } from './marks';
import { useCastBallot } from './use-cast-ballot';

/** What lets a stranger vote, by who may. */
const wayOf = { roll: 'code', anyone: 'guest', accounts: 'account' } as const;

export function useBallot(poll: Poll, state: ShownState) {
  const navigate = useNavigate();
  const location = useLocation();
  const { token } = useSession();
  const you = useQuery(youQuery(poll.room, token)).data;
  const standing = you?.polls[poll.id];
  const ballot = useQuery({ ...ballotQuery(poll.id, token), enabled: standing?.voted === true }).data;
  const casting = useCastBallot(poll, token);

  const [marks, setMarks] = useState(() => recallDraft(poll) ?? blankMarks(poll));
  const [changing, setChanging] = useState(false);
  const [wrong, setWrong] = useState<Fault | null>(null);

  const mode = readMode({ state, signedIn: token !== null, standing, ballot });
  const changeable = mode === 'voted' && poll.allow_change && state !== 'counting';
  const choosing = mode === 'vote' || mode === 'enter' || (changeable && changing);
  const signedOut = casting.fault instanceof Refusal && isSessionOver(casting.fault.problem);
  // After the close of a secret poll the server knows of no ballot of mine: only this device still has the receipt.
  const mayHaveVoted = standing?.voted === true || mode === 'counting' || mode === 'closed' || mode === 'void';
  const receipt = ballot?.receipt ?? (mayHaveVoted ? recallReceipt(poll, you?.person ?? null) : null);

  const become = (next: Marks) => {
    setMarks(next);
    keepDraft(poll, next);
  };

  const cast = (cast: Marks) => {
    if (token === null || state !== 'open') return;
    const over = mode === 'voted' ? (receipt ?? undefined) : null;
    casting.cast(cast, token, over, () => {
      setChanging(false);
      setMarks(blankMarks(poll));
    });
  };

  const send = () => {
    if (token === null) {
      void navigate('/signin', { state: { back: { to: location.pathname, state: null, way: wayOf[poll.eligibility] } } });
      return;
    }
    const fault = marksFault(poll, marks);
    setWrong(fault);
    if (fault === null) cast(marks);
  };

  /** `fault`: what was asked for and not done. */
  const choose = (next: Marks, fault: Fault | null = null) => {
    become(next);
    setWrong(fault);
    casting.forget();
  };

  const startChanging = () => {
    become(marksOf(poll, ballot) ?? blankMarks(poll));
    setChanging(true);
  };

  const stopChanging = () => {
    setWrong(null);
    setChanging(false);
    setMarks(blankMarks(poll));
    forgetKept('draft', poll);
  };

  return {
    ...{ mode, choosing, changeable, marks, wrong, receipt, casting },
    barred: readBarred(readBar(standing), poll.eligibility, you),
    ballot,
    // The poll ended before these were sent.
    unsent: mode === 'closed' && standing?.voted !== true && !isBlank(marks),
    // That the session is over is said once, above the page.
    fault: signedOut ? null : casting.fault,
    ...{ send, choose, startChanging, stopChanging },
    castBlank: () => cast(blankMarks(poll)),
  };
}
