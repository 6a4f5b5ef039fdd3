// Whether a meeting is going on, how many are here, and whether they are enough. Between meetings people are online, not present.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { isolate } from '../lib/isolate';
import { meetingQuery, presenceQuery } from '../lib/queries';
import { meetingTitle } from '../lib/meeting-titles';

/** Items for a list of facts. */
export function MeetingFacts({ code }: { code: string }) {
  const { t, i18n } = useTranslation();
  const meeting = useQuery(meetingQuery(code)).data;
  const presence = useQuery(presenceQuery(code)).data;
  if (presence === undefined) return null;

  const { online, present, quorum } = presence;
  const { required } = quorum;

  return (
    <>
      <li className={meeting ? 'meeting-now' : undefined}>
        {meeting ? t('meeting.now', { title: isolate(meetingTitle(meeting, i18n.language)) }) : t('meeting.none')}
      </li>
      <li>{t('room.online', { count: online })}</li>
      {meeting && <li>{t('room.present', { count: present })}</li>}
      {meeting && required !== null && (
        <li>{t(quorum.met === true ? 'room.quorumMet' : 'room.quorumUnmet', { required })}</li>
      )}
    </>
  );
}
