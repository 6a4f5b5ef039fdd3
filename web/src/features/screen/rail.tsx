// Beside the bars: how long it still takes, how many have voted, how many are here, how to join.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useSecondsLeft } from '../../components/countdown';
import type { Poll, PollQuorum, ShownState, Presence, Results } from '../../lib/contract';
import { formatCount, formatCountdown, formatDay, formatListed, formatShare, formatZone } from '../../lib/format';
import { meetingQuery, presenceQuery, roomQuery } from '../../lib/queries';
import { turnoutShare } from '../../lib/shares';
import { Join } from './join';

const daySeconds = 24 * 3600;

type RailProps = { code: string; poll: Poll; state: ShownState; results: Results | undefined };

export function Rail({ code, poll, state, results }: RailProps) {
  const presence = useQuery(presenceQuery(code)).data;

  return (
    <aside className="rail">
      <Clock code={code} poll={poll} state={state} />
      {/* Where results are hidden the turnout fills the wall. */}
      {results?.tally != null && <Turnout poll={poll} results={results} />}
      {presence && <Present code={code} presence={presence} kept={state === 'closed' ? poll.quorum : null} isTold={results?.verdict != null} />}
      <Join code={code} />
    </aside>
  );
}

function Clock({ code, poll, state }: { code: string; poll: Poll; state: ShownState }) {
  const { t } = useTranslation();
  const zone = useQuery(roomQuery(code)).data?.timezone;
  const runs = state === 'open' || state === 'paused';
  const seconds = useSecondsLeft(runs ? poll.closes_at : null);

  if ((state === 'closed' || state === 'counting') && poll.closed_at !== null) {
    return <Moment label={t('screen.closedAt')} at={poll.closed_at} zone={zone} format={formatListed} />;
  }
  if (seconds === null || poll.closes_at === null) return null;
  if (seconds > daySeconds) {
    return <Moment className="far" label={t('screen.closesAt')} at={poll.closes_at} zone={zone} format={formatDay} />;
  }
  return (
    <Fact
      className={`clock ${seconds <= 10 ? 'now' : seconds <= 60 ? 'soon' : ''}`}
      label={t(seconds === 0 ? 'screen.closing' : 'screen.left')}
      value={formatCountdown(seconds)}
    />
  );
}

function Turnout({ poll, results }: { poll: Poll; results: Results }) {
  const { t, i18n } = useTranslation();
  const { ballots, blank, eligible } = results;
  const turnout = turnoutShare(results);
  const admitted = poll.electorate?.admitted ?? 0;
  const of = eligible === null ? '' : t('screen.ofEligible', { eligible: formatCount(eligible, i18n.language) });

  return (
    <section className="fact turnout">
      <h2>{t('screen.voted')}</h2>
      <p>
        <strong>{formatCount(ballots, i18n.language)}</strong> <span><bdi>{of}</bdi></span>
      </p>
      {turnout !== null && (
        <>
          <svg className="meter" aria-hidden="true">
            <rect width="100%" height="100%" style={{ transform: `translateX(${(turnout - 1) * 100}%)` }} />
          </svg>
          <p className="fact-more">{t('results.turnout', { share: formatShare(turnout, i18n.language) })}</p>
        </>
      )}
      {admitted > 0 && <p className="fact-more">{t('results.admitted', { count: admitted })}</p>}
      {blank !== null && blank > 0 && <p className="fact-more">{t('results.blank', { count: blank })}</p>}
    </section>
  );
}

type PresentProps = {
  code: string;
  presence: Presence;
  /** What a close kept: the number that counts, and who was here when. */
  kept?: PollQuorum | null;
  /** That the verdict tells of the quorum already. */
  isTold?: boolean;
};

/** While a poll is open who is here now; after it, who counted. */
export function Present({ code, presence, kept = null, isTold = false }: PresentProps) {
  const { t, i18n } = useTranslation();
  const { present_at_open: open, present_at_close: close } = kept ?? { present_at_open: null, present_at_close: null };
  const meeting = useQuery(meetingQuery(code)).data;
  const present = kept?.present ?? close ?? presence.present;
  const { required, met } = kept ?? presence.quorum;
  if (!kept && !meeting) return <Online online={presence.online} />;

  return (
    <section className="fact present">
      <h2>{t('screen.present')}</h2>
      <p>
        <strong>{formatCount(present, i18n.language)}</strong>{' '}
        {!kept && <span>{t('room.online', { count: presence.online })}</span>}
      </p>
      {open !== null && close !== null && <p className="fact-more">{t('screen.presentThen', { open, close })}</p>}
      {required !== null && !isTold && (
        <p className="quorum" data-met={met === true}>
          {t(met === true ? 'room.quorumMet' : 'room.quorumUnmet', { required })}
        </p>
      )}
    </section>
  );
}

/** Between meetings people are online, and nobody is present. */
function Online({ online }: { online: number }) {
  const { t, i18n } = useTranslation();

  return (
    <section className="fact present">
      <h2>{t('screen.online')}</h2>
      <p>
        <strong>{formatCount(online, i18n.language)}</strong>
      </p>
      <p className="fact-more">{t('meeting.none')}</p>
    </section>
  );
}

type MomentProps = { className?: string; label: string; at: string; zone: string | undefined; format: typeof formatDay };

/** The time large, and small under it its zone where this machine's is another. */
function Moment({ className = '', label, at, zone, format }: MomentProps) {
  const { language } = useTranslation().i18n;
  const more = formatZone(at, language, zone);
  return <Fact className={`clock ${className}`} label={label} value={format(at, language, zone)} more={more} />;
}

type FactProps = { className: string; label: string; value: string; more?: string | null };

function Fact({ className, label, value, more = null }: FactProps) {
  return (
    <section className={`fact ${className}`}>
      <h2>{label}</h2>
      <p role="timer">
        <strong>{value}</strong>
      </p>
      {more !== null && <p className="fact-more"><bdi>{more}</bdi></p>}
    </section>
  );
}
