// Who is here now, and who has been: the attendance of the evening, as a list and as a table to keep.
import { useQuery } from '@tanstack/react-query';

import { TableBox } from '../../components/table-box';
import { ZoneNote } from '../../components/zone-note';
import { askFile } from '../../lib/api';
import { formatListed } from '../../lib/format';
import { nameApart } from '../../lib/names';
import { presenceQuery } from '../../lib/queries';
import { sortPeople } from '../../lib/sort-people';
import { MeetingsList } from '../../components/meetings-list';
import { useDesk } from './desk-room';
import { MeetingDesk } from './meeting-desk';
import { attendanceQuery, peopleQuery } from './queries';
import { saveFile } from '../../lib/save-file';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

export function PeoplePlace() {
  const { t, language } = useWords();
  const { code, room, token } = useDesk();
  const faultText = useFaultText();
  const presence = useQuery(presenceQuery(code)).data;
  const seq = presence?.seq ?? 0;
  const told = presence?.people ?? null;
  const asked = useQuery({ ...peopleQuery(code, token, seq), enabled: told === null }).data;
  const people = sortPeople(told ?? asked ?? [], language);
  const names = nameApart(people);
  const attendance = useQuery(attendanceQuery(code, token, seq)).data ?? [];
  const time = (instant: string) => formatListed(instant, language, room.timezone);
  const save = useAct(async (form: 'csv' | 'xlsx') =>
    saveFile(await askFile(`/rooms/${code}/attendance.${form}`), `attendance-${code}.${form}`),
  );

  return (
    <div className="people-columns">
      <div className="stack">
        <MeetingDesk />
        <section className="card stack" aria-labelledby="people-here">
          <h2 id="people-here">{t('attendance.here')}</h2>
          <p className="big-number">{t('translation:room.online', { count: presence?.online ?? 0 })}</p>
          {people.length === 0 && <p className="hint">{t('attendance.nobody')}</p>}
          <ul className="names">
            {people.map(({ id }) => (
              <li key={id}><bdi>{names.get(id)}</bdi></li>
            ))}
          </ul>
        </section>
      </div>
      <div className="stack">
        <section className="card stack" aria-labelledby="people-attendance">
          <div className="row-head">
            <h2 id="people-attendance">{t('attendance.attendance')}</h2>
            <div className="steps">
              {(['xlsx', 'csv'] as const).map((form) => (
                <button key={form} type="button" className="act" onClick={() => save.mutate(form)}>
                  {t(`attendance.${form}`)}
                </button>
              ))}
            </div>
          </div>
          <p className="hint">{t('attendance.hint')}</p>
          {attendance.length === 0 && <p className="hint">{t('attendance.none')}</p>}
          <ZoneNote zone={room.timezone} />
          <div role="alert">{save.error && <p className="fault">{faultText(save.error)}</p>}</div>
          {attendance.length > 0 && (
            <TableBox label={t('attendance.attendance')}>
              <table className="attendance">
                <thead>
                  <tr>
                    <th scope="col">{t('attendance.name')}</th>
                    <th scope="col">{t('attendance.first')}</th>
                    <th scope="col">{t('attendance.last')}</th>
                    <th scope="col">{t('attendance.minutes')}</th>
                  </tr>
                </thead>
                <tbody>
                  {attendance.map((each) => (
                    <tr key={each.person}>
                      <th scope="row"><bdi>{each.name || t('attendance.unnamed')}</bdi></th>
                      <td>{time(each.first)}</td>
                      <td>{time(each.last)}</td>
                      <td>{Math.round(each.seconds / 60)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableBox>
          )}
        </section>
        <section className="card stack" aria-labelledby="people-meetings">
          <h2 id="people-meetings">{t('translation:meeting.meetings')}</h2>
          <MeetingsList code={code} />
        </section>
      </div>
    </div>
  );
}
