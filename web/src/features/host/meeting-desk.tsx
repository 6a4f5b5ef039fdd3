// The meeting that is going on: begun, named and ended by the host.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { AskOnce } from '../../components/ask-once';
import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import type { Meeting } from '../../lib/contract';
import { formatDay } from '../../lib/format';
import { isolate } from '../../lib/isolate';
import { meetingQuery } from '../../lib/queries';
import { beginMeeting, endMeeting, nameMeeting } from '../../lib/meetings';
import { meetingTitle } from '../../lib/meeting-titles';
import { useDesk, useKeep } from './desk-room';
import { useAct } from './use-act';
import { useDeskFaults, useFaultText, useWords } from './words';

export function MeetingDesk() {
  const { t } = useWords();
  const { code } = useDesk();
  const meeting = useQuery(meetingQuery(code)).data;

  return (
    <section className="card stack" aria-labelledby="people-meeting">
      <h2 id="people-meeting">{t('meetingDesk.title')}</h2>
      {meeting ? <Going key={meeting.id} meeting={meeting} /> : <Between />}
    </section>
  );
}

function Between() {
  const { t } = useWords();
  const { code, say } = useDesk();
  const { keepMeeting } = useKeep();
  const [title, setTitle] = useState('');
  const begin = useAct(
    () => beginMeeting(code, title.trim()),
    (told) => {
      keepMeeting(told);
      say(t('meetingDesk.begun'));
    },
  );

  return (
    <>
      <p>{t('meetingDesk.between')}</p>
      <TitleForm title={title} onTitle={setTitle} act={begin} label={t('meetingDesk.begin')} hint={t('meetingDesk.nameHint')} />
    </>
  );
}

function Going({ meeting }: { meeting: Meeting }) {
  const { t, language } = useWords();
  const { code, room, say } = useDesk();
  const { keepMeeting } = useKeep();
  const [title, setTitle] = useState(meeting.title);
  const shown = isolate(meetingTitle(meeting, language));
  const name = useAct(
    () => nameMeeting(code, meeting.id, title.trim()),
    (told) => {
      keepMeeting(told);
      say(t('form.saved'));
    },
  );

  return (
    <>
      <p className="big-number"><bdi>{shown}</bdi></p>
      <p className="hint">
        {t('translation:meeting.since', { time: formatDay(meeting.starts_at, language, room.timezone) })}
      </p>
      <TitleForm title={title} onTitle={setTitle} act={name} label={t('meetingDesk.rename')} />
      <div className="steps">
        <AskOnce
          label={t('meetingDesk.end')}
          title={t('meetingDesk.endTitle', { title: shown })}
          confirm={t('meetingDesk.end')}
          act={async () => {
            keepMeeting(await endMeeting(code, meeting.id));
            say(t('meetingDesk.ended'));
          }}
        >
          <p>{t('meetingDesk.endBody')}</p>
        </AskOnce>
        <Link className="act" to={`/r/${code}/meetings?id=${meeting.id}`}>
          {t('meetingDesk.minutes')}
        </Link>
      </div>
    </>
  );
}

type TitleFormProps = {
  title: string;
  onTitle: (title: string) => void;
  act: ReturnType<typeof useAct<unknown>>;
  label: string;
  hint?: string;
};

function TitleForm({ title, onTitle, act, label, hint }: TitleFormProps) {
  const { t } = useWords();
  const faultText = useFaultText();
  const deskFaults = useDeskFaults();
  const faults = deskFaults(act.error);

  return (
    <Form className="stack" onSend={() => act.mutate()}>
      <Field
        label={t('meetingDesk.name')}
        hint={hint}
        fault={faults.title}
        maxLength={200}
        value={title}
        onChange={(event) => onTitle(event.target.value)}
      />
      <div role="alert">{act.error && !faults.title && <p className="fault">{faultText(act.error)}</p>}</div>
      <button type="submit" className="act" aria-disabled={act.isPending}>
        {label}
      </button>
    </Form>
  );
}
