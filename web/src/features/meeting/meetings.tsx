// The room's meetings, and the minutes of each to print. Loaded when asked for.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { LinkStatus } from '../../components/link-status';
import { Page } from '../../components/page';
import { ZoneNote } from '../../components/zone-note';
import type { Meeting } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { formatDay } from '../../lib/format';
import { meetingQuery, roomQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import type { Link as LinkState } from '../../lib/follow-room';
import { meetingsQuery } from './api';
import { MeetingMinutes } from './minutes';
import { meetingTitle } from './titles';
import '../../components/sheet.css';
import './meeting.css';

export function MeetingsView({ code, link }: { code: string; link: LinkState }) {
  const { t } = useTranslation();
  const room = useQuery(roomQuery(code)).data;
  const asked = Number(useSearchParams()[0].get('id') ?? Number.NaN);

  return (
    <Page
      title={t('meeting.meetings')}
      lead={<p className="tagline"><bdi>{room?.name ?? t('room.title', { code })}</bdi></p>}
      className="meetings"
    >
      <LinkStatus link={link}>{t('link.lost')}</LinkStatus>
      {Number.isInteger(asked) ? <MeetingMinutes code={code} meetingId={asked} /> : <MeetingsList code={code} />}
      <p className="aside screen-only">
        <Link to={`/r/${code}`}>{t('meeting.back')}</Link>
      </p>
    </Page>
  );
}

export function MeetingsList({ code }: { code: string }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const room = useQuery(roomQuery(code)).data;
  const current = useQuery(meetingQuery(code)).data;
  const meetings = useQuery(meetingsQuery(code, token, `${current?.id ?? 0} ${current?.title ?? ''}`));

  if (meetings.error) return <p className="fault">{describeFault(meetings.error, t)}</p>;
  if (meetings.data === undefined) return <p>{t('app.loading')}</p>;
  if (meetings.data.length === 0) return <p className="card empty">{t('meeting.noneYet')}</p>;

  return (
    <>
      <ZoneNote zone={room?.timezone} />
      <ul className="stack tight">
        {[...meetings.data].reverse().map((meeting) => (
          <MeetingLine key={meeting.id} code={code} meeting={meeting} zone={room?.timezone} />
        ))}
      </ul>
    </>
  );
}

type LineProps = { code: string; meeting: Meeting; zone: string | undefined };

function MeetingLine({ code, meeting, zone }: LineProps) {
  const { t, i18n } = useTranslation();
  const time = (instant: string) => formatDay(instant, i18n.language, zone);

  return (
    <li className="meeting-line">
      <Link to={`/r/${code}/meetings?id=${meeting.id}`}>
        {t('meeting.numbered', { number: meeting.number })} <strong><bdi>{meetingTitle(meeting, i18n.language)}</bdi></strong>
      </Link>
      <span className="hint">
        {meeting.ended_at === null
          ? t('meeting.since', { time: time(meeting.starts_at) })
          : t('meeting.fromTo', { from: time(meeting.starts_at), to: time(meeting.ended_at) })}
      </span>
      {meeting.ended_at === null && <span className="badge-plain">{t('meeting.goesOn')}</span>}
    </li>
  );
}
