// The one sentence that says how it stands with my ballot.
import { useTranslation } from 'react-i18next';

import type { Ballot, Standing } from '../../lib/contract';
import type { Mode } from './casting';
import type { useCastBallot } from './use-cast-ballot';

type Facts = {
  mode: Mode;
  choosing: boolean;
  standing: Standing | undefined;
  ballot: Ballot | null | undefined;
  casting: Pick<ReturnType<typeof useCastBallot>, 'inFlight' | 'repeating' | 'answer'>;
};

const barred = ['not_eligible', 'not_present', 'poll_not_open', 'already_voted'] as const;

export function useBallotStatus({ mode, choosing, standing, ballot, casting }: Facts): string {
  const { t } = useTranslation();
  if (casting.inFlight) return t(casting.repeating ? 'poll.repeating' : 'poll.sending');
  if (choosing) return '';
  switch (mode) {
    case 'voted':
      if (casting.answer !== undefined) return t(casting.answer.changed ? 'poll.changed' : 'poll.recorded');
      return t(ballot?.receipt === undefined ? 'poll.already' : 'poll.recorded');
    case 'barred':
      return t(`poll.barred.${barred.find((reason) => reason === standing?.reason) ?? 'unknown'}`);
    case 'vote':
    case 'sign-in':
      return '';
    default:
      return t(`poll.${mode}`);
  }
}
