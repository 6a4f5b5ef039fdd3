// The room's meetings, the newest first; each leads to its minutes.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import type { Meeting } from '../lib/contract';
import { describeFault } from '../lib/faults';
import { formatDay } from '../lib/format';
import { meetingTitle } from '../lib/meeting-titles';
import { meetingsQuery } from '../lib/meetings';
import { meetingQuery, roomQuery } from '../lib/queries';
import { useSession } from '../lib/session';
import { Awaited } from './awaited';
import { ZoneNote } from './zone-note';
import './meetings-list.css';

export function MeetingsList({ code }: { code: string }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const room = useQuery(roomQuery(code)).data;
  const current = useQuery(meetingQuery(code)).data;
  const changed = `${current?.id ?? 0} ${current?.title ?? ''}`;
  // Not before it is known which meeting is going on: what was drawn before would be drawn again.
  const meetings = useQuery({ ...meetingsQuery(code, token, changed), enabled: current !== undefined });

  if (meetings.error) return <p className="fault">{describeFault(meetings.error, t)}</p>;
  if (meetings.data === undefined) return <Awaited />;
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
        <span className="meeting-number">{t('meeting.numbered', { number: meeting.number })}</span> <strong><bdi>{meetingTitle(meeting, i18n.language)}</bdi></strong>
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
