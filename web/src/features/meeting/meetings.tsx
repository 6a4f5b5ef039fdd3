// The room's meetings, and the minutes of each to print. Loaded when asked for.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { LinkStatus } from '../../components/link-status';
import { Page } from '../../components/page';
import { MeetingsList } from '../../components/meetings-list';
import { roomQuery } from '../../lib/queries';
import type { Link as LinkState } from '../../lib/follow-room';
import { MeetingMinutes } from './minutes';
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
