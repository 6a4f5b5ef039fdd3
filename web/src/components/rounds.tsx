// An instant run-off, round by round: who had how many ballots, who left, how many rank nobody who stands.
import { useTranslation } from 'react-i18next';

import type { Round, Tally } from '../lib/contract';
import { Disclosure } from './disclosure';

export function Rounds({ rounds, tally }: { rounds: Round[]; tally: Tally[] }) {
  const { t } = useTranslation();
  const nameOf = new Map(tally.map(({ candidate, name }) => [candidate, name]));

  return (
    <Disclosure summary={t('results.rounds', { count: rounds.length })}>
      <ol className="rounds">
        {rounds.map((round, index) => (
          <li key={index}>
            <h4>{t('results.round', { number: index + 1 })}</h4>
            <ul>
              {Object.entries(round.votes)
                .sort(([, a], [, b]) => b - a)
                .map(([candidate, votes]) => (
                  <li key={candidate}>
                    <span>
                      <bdi>{nameOf.get(Number(candidate))}</bdi>{' '}
                      {round.eliminated.includes(Number(candidate)) && (
                        <span className="badge-plain">{t('results.eliminated')}</span>
                      )}
                      {round.tied.includes(Number(candidate)) && (
                        <span className="badge-plain">{t('results.tied')}</span>
                      )}
                    </span>
                    <span>{t('results.votes', { count: votes })}</span>
                  </li>
                ))}
              {round.exhausted > 0 && (
                <li className="hint">
                  <span>{t('results.exhausted')}</span>
                  <span>{t('results.votes', { count: round.exhausted })}</span>
                </li>
              )}
            </ul>
          </li>
        ))}
      </ol>
    </Disclosure>
  );
}
