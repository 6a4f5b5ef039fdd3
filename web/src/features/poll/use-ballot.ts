// What the voter has done with a ballot so far, and what may be done next. Its look is in ballot.tsx.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';

import { isSessionOver, Refusal } from '../../lib/api';
import type { Poll, PollState } from '../../lib/contract';
import { ballotQuery, youQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { readMode } from './casting';
import { packDraft, readDraft } from './draft';
import { useCastBallot } from './use-cast-ballot';

export function useBallot(poll: Poll, state: PollState) {
  const navigate = useNavigate();
  const location = useLocation();
  const { token } = useSession();
  const standing = useQuery(youQuery(poll.room, token)).data?.polls[poll.id];
  const ballot = useQuery({ ...ballotQuery(poll.id, token), enabled: standing?.voted === true }).data;
  const casting = useCastBallot(poll, token);

  const [choice, setChoice] = useState(() => readDraft(location.state, poll.id));
  const [changing, setChanging] = useState(false);
  const [missing, setMissing] = useState(false);

  const mode = readMode({ poll, state, signedIn: token !== null, standing, ballot });
  const changeable = mode === 'voted' && poll.allow_change && state === 'open';
  const choosing = mode === 'vote' || mode === 'sign-in' || (changeable && changing);
  const signedOut = casting.fault instanceof Refusal && isSessionOver(casting.fault.problem);

  const send = () => {
    if (token === null) {
      void navigate('/signin', { state: { back: { to: location.pathname, state: packDraft(poll.id, choice) } } });
      return;
    }
    setMissing(choice === null);
    if (choice === null) return;
    casting.cast([choice], token, () => {
      setChanging(false);
      setChoice(null);
    });
  };

  const choose = (candidateId: number) => {
    setChoice(candidateId);
    setMissing(false);
    casting.forget();
  };

  const startChanging = () => {
    setChoice(ballot?.choices?.[0] ?? null);
    setChanging(true);
  };

  const stopChanging = () => {
    setMissing(false);
    setChanging(false);
  };

  // That the session is over is said once, above the page.
  const fault = signedOut ? null : casting.fault;
  const facts = { mode, standing, ballot, casting, choosing, changeable, choice, missing, fault };
  return { ...facts, send, choose, startChanging, stopChanging };
}
