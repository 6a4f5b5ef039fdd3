// The question, how it stands, and in plain words what a vote in it means, before one votes.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Countdown } from '../../components/countdown';
import { Disclosure } from '../../components/disclosure';
import type { Poll, ShownState } from '../../lib/contract';
import { formatTime } from '../../lib/format';
import { roomQuery } from '../../lib/queries';

type PollHeadProps = { poll: Poll; state: ShownState; headingId: string };

export function PollHead({ poll, state, headingId }: PollHeadProps) {
  const { t, i18n } = useTranslation();
  const zone = useQuery(roomQuery(poll.room)).data?.timezone;
  const going = state === 'open' || state === 'paused';

  return (
    <header>
      <h2 id={headingId} tabIndex={-1}>
        <bdi>{poll.title}</bdi>
      </h2>
      {poll.description && <p className="poll-description"><bdi>{poll.description}</bdi></p>}
      <div className="poll-state">
        <span className="chip" data-state={state}>
          {t(`state.${state}`)}
        </span>
        {going && poll.closes_at !== null && <Countdown until={poll.closes_at} />}
        {going && (
          <Disclosure summary={t('poll.terms', { secrecy: t(`poll.${poll.secrecy}`), change: t(poll.allow_change ? 'poll.changeable' : 'poll.unchangeable') })}>
            <ul className="facts">
              <li>
                {poll.method === 'approval' && poll.max_choices !== null
                  ? t('poll.method.upTo', { max: poll.max_choices })
                  : t(`poll.method.${poll.method}`)}
              </li>
              {poll.seats > 1 && <li>{t('poll.seats', { count: poll.seats })}</li>}
              <li>{t(poll.allow_change ? 'poll.changeable' : 'poll.unchangeable')}</li>
              {poll.closes_at !== null && (
                <li>{t('poll.closesAt', { time: formatTime(poll.closes_at, i18n.language, zone) })}</li>
              )}
            </ul>
            <ul className="meaning">
              <li>
                <strong>{t(`poll.${poll.secrecy}`)}</strong> {t(`poll.means.${poll.secrecy}`)}
              </li>
              <li>{t(`poll.means.${poll.results}`)}</li>
              {poll.require_presence && <li>{t('poll.means.presence')}</li>}
            </ul>
          </Disclosure>
        )}
      </div>
    </header>
  );
}
