// The quorum as it went: who was present when polls opened and closed, and how a host set it in between.
import { useTranslation } from 'react-i18next';

import { TableBox } from '../../components/table-box';
import type { MeetingMinutes as Minutes } from '../../lib/contract';
import { formatListed } from '../../lib/format';
import { isolate } from '../../lib/isolate';
import { wordQuorumSet } from '../../lib/quorums';

type Moment = Minutes['quorum'][number];
type Change = Minutes['quorum_changes'][number];

export function QuorumTable({ minutes: { room, quorum, quorum_changes, polls } }: { minutes: Minutes }) {
  const { t, i18n } = useTranslation();
  const titleOf = (id: number) => polls.find(({ poll }) => poll.id === id)?.poll.title ?? String(id);
  const lines: (Moment | Change)[] = [...quorum, ...quorum_changes].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const time = (at: string) => formatListed(at, i18n.language, room.timezone);

  return (
    <>
      <h3>{t('meeting.presence')}</h3>
      <TableBox label={t('meeting.presence')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('meeting.time')}</th>
              <th scope="col">{t('meeting.moment')}</th>
              <th scope="col">{t('meeting.present')}</th>
              <th scope="col">{t('meeting.required')}</th>
              <th scope="col">{t('meeting.quorum')}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) =>
              'moment' in line ? (
                <tr key={`${line.poll} ${line.moment}`}>
                  <td>{time(line.at)}</td>
                  <th scope="row">{t(`meeting.${line.moment}`, { title: isolate(titleOf(line.poll)) })}</th>
                  <td>{line.present}</td>
                  <td>{line.required ?? '–'}</td>
                  <td>{line.met === null ? '–' : t(line.met ? 'meeting.met' : 'meeting.missed')}</td>
                </tr>
              ) : (
                <tr key={line.at}>
                  <td>{time(line.at)}</td>
                  <th scope="row" colSpan={4}>
                    {wordQuorumSet(t, line)}
                  </th>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </TableBox>
    </>
  );
}
