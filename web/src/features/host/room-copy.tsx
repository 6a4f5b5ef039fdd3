// Another room like this one: its settings, and its polls as drafts.
import { useNavigate } from 'react-router';

import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import { readText } from '../../lib/forms';
import { useSession } from '../../lib/session';
import { makeRoom } from './api';
import { useDesk } from './desk-room';
import { placeLink } from './place';
import { useAct } from './use-act';
import { useDeskFaults, useFaultText, useWords } from './words';

export function RoomCopy() {
  const { t } = useWords();
  const { code, room } = useDesk();
  const { seat } = useSession();
  const navigate = useNavigate();
  const faultText = useFaultText();
  const deskFaults = useDeskFaults();
  const make = useAct(
    (name: string) => makeRoom({ name, copy_of: code }),
    (made) => void navigate(`/r/${made.code}${placeLink('polls')}`),
  );
  const fault = deskFaults(make.error).name;
  // Only an account can have a second room.
  if (seat !== null) return null;

  return (
    <section className="card stack" aria-labelledby="room-copy">
      <h3 id="room-copy">{t('setting.copy')}</h3>
      <p>{t('setting.copyHint')}</p>
      <Form className="stack" onSend={(fields) => !make.isPending && make.mutate(readText(fields, 'name'))}>
        <Field label={t('setting.copyName')} name="name" defaultValue={room.name} fault={fault} autoComplete="off" />
        <div role="alert">{make.error && fault === undefined && <p className="fault">{faultText(make.error)}</p>}</div>
        <button type="submit" className="act" aria-disabled={make.isPending}>
          {t('setting.copyGo')}
        </button>
      </Form>
    </section>
  );
}
