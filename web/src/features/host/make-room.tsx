// Making a room; its maker is its host, and goes to its desk.
import { useEffect, useRef } from 'react';
import { Link, useNavigate } from 'react-router';

import { Form } from '../../components/form';
import { Page } from '../../components/page';
import { makeRoom } from './api';
import { placeLink } from './place';
import { startRoom, writeNewRoom, type RoomFields } from './room-fields';
import { RoomFormFields } from './room-form-fields';
import { useAct } from './use-act';
import { useTyped } from './use-typed';
import { useDeskFaults, useFaultText, useWords } from './words';
import './desk.css';

export default function MakeRoom() {
  const { t } = useWords();
  const navigate = useNavigate();
  const faultText = useFaultText();
  const deskFaults = useDeskFaults();
  const form = useRef<HTMLFormElement>(null);
  const [fields, setFields, forget] = useTyped<RoomFields>('room', () =>
    startRoom(Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Seoul'),
  );
  const make = useAct(
    (body: object) => makeRoom(body),
    (room) => {
      forget();
      void navigate(`/r/${room.code}${placeLink('polls')}`);
    },
  );
  const faults = deskFaults(make.error);

  useEffect(() => {
    if (make.error) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [make.error]);

  return (
    <Page title={t('setting.make')} className="narrow">
      <Form
        ref={form}
        className="card stack"
        onSend={() => !make.isPending && make.mutate(writeNewRoom(fields))}
      >
        <RoomFormFields fields={fields} onFields={setFields} faults={faults} />
        <div role="alert">
          {make.error && (
            <p className="fault">{Object.keys(faults).length > 0 ? t('form.lookAbove') : faultText(make.error)}</p>
          )}
        </div>
        <div className="steps">
          <button type="submit" className="act main" aria-disabled={make.isPending}>
            {t('setting.make')}
          </button>
          <Link className="act" to="/" onClick={forget}>
            {t('form.discard')}
          </Link>
        </div>
      </Form>
    </Page>
  );
}
