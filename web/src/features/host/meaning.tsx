// The poll's rules in plain words: what secret, live and eligible mean for the people in the hall.
import { useQuery } from '@tanstack/react-query';

import { ThresholdLine } from '../../components/threshold-line';
import { useDesk } from './desk-room';
import { usualVoters, type Eligibility } from './poll-fields';
import { rollQuery } from './queries';
import { explainRules, type Rules } from './rules';
import { useWords } from './words';

/** Whether the room has voters of its own; hosts alone are no roll. */
export function useHasRoll(): boolean {
  const { code, token } = useDesk();
  return useQuery(rollQuery(code, token)).data?.some((row) => row.role === 'voter') ?? false;
}

/** Who usually votes in this room, as far as its roll is known. */
export function useUsualVoters(): Eligibility {
  return usualVoters(useHasRoll(), useDesk().room.expires_at !== null);
}

export function Meaning({ poll }: { poll: Rules }) {
  const { t } = useWords();
  const hasRoll = useHasRoll();

  return (
    <ul className="rules">
      {explainRules(poll, hasRoll).map(({ key, warns }) => (
        <li key={key} data-warns={warns}>
          {key.startsWith('threshold') && poll.threshold ? <ThresholdLine threshold={poll.threshold} method={poll.method} /> : null}
          {t(`meaning.${key}`)}
        </li>
      ))}
    </ul>
  );
}
