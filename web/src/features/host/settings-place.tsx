// A room's settings, the link for the hall's screen, the room as a file, and its end.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';

import { AskOnce } from '../../components/ask-once';
import { Form } from '../../components/form';
import { SaveExport } from '../../components/save-export';
import type { Tagged } from '../../lib/api';
import type { Room } from '../../lib/contract';
import { changeRoom, deleteRoom, readRoom } from './api';
import { useDesk, useKeep } from './desk-room';
import { EmbedField } from './embed-field';
import { LookField } from './look-field';
import { ChangedMeanwhile } from './poll-form';
import { readRoomFields, writeRoomFields, type RoomFields } from './room-fields';
import { RoomCopy } from './room-copy';
import { RoomFormFields } from './room-form-fields';
import { ScreenLink } from './screen-link';
import { useSaving } from './use-saving';
import { useDeskFaults, useFaultText, useWords } from './words';

export function SettingsPlace() {
  const { t } = useWords();
  const { code } = useDesk();
  const faultText = useFaultText();
  const read = useQuery({ queryKey: ['edit-room', code], queryFn: () => readRoom(code), gcTime: 0, staleTime: Infinity });

  return (
    <div className="stack">
      <h2>{t('desk.settings')}</h2>
      {read.error && <p className="fault">{faultText(read.error)}</p>}
      <div className="settings-columns">
        {read.data && <SettingsForm start={read.data} />}
        {!read.isPending && (
          <div className="stack">
            <ScreenLink />
            <RoomCopy />
            <RoomData />
            {code !== 'lobby' && <RoomEnd />}
          </div>
        )}
      </div>
    </div>
  );
}

function SettingsForm({ start }: { start: Tagged<Room> }) {
  const { t } = useWords();
  const { code, say } = useDesk();
  const { keepRoom } = useKeep();
  const faultText = useFaultText();
  const deskFaults = useDeskFaults();
  const form = useRef<HTMLFormElement>(null);

  const saving = useSaving<Room, RoomFields>({
    key: `${code}.settings`,
    start,
    toFields: readRoomFields,
    toBody: (fields, members) => ({ body: writeRoomFields(fields, members), skipped: [] }),
    read: () => readRoom(code),
    change: async (body, etag) => {
      const saved = await changeRoom(code, body, etag);
      saving.restart(saved);
      return saved;
    },
    done: (room) => {
      keepRoom(room);
      say(t('form.saved'));
    },
  });
  const faults = deskFaults(saving.fault);
  const { fault, clashes } = saving;

  useEffect(() => {
    if (fault !== null) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [fault]);

  return (
    <Form ref={form} className="card stack" onSend={saving.send}>
      <RoomFormFields fields={saving.fields} onFields={saving.setFields} faults={faults} />
      <LookField fields={saving.fields} onFields={saving.setFields} faults={faults} />
      <EmbedField fields={saving.fields} onFields={saving.setFields} faults={faults} />
      <ChangedMeanwhile clashes={clashes?.map((member) => t(`setting.${member}`))} />
      <div role="alert">
        {fault !== null && (
          <p className="fault">{Object.keys(faults).length > 0 ? t('form.lookAbove') : faultText(fault)}</p>
        )}
      </div>
      <button type="submit" className="act main" aria-disabled={saving.busy}>
        {t('form.save')}
      </button>
    </Form>
  );
}

function RoomData() {
  const { t } = useWords();
  const { code } = useDesk();

  return (
    <section className="card stack" aria-labelledby="room-data">
      <h3 id="room-data">{t('setting.data')}</h3>
      <p>{t('setting.dataHint')}</p>
      <SaveExport label={t('setting.export')} path={`/rooms/${code}/export`} name={`rollcall-room-${code}.json`} />
    </section>
  );
}

function RoomEnd() {
  const { t } = useWords();
  const { code, room } = useDesk();
  const navigate = useNavigate();

  return (
    <section className="card stack" aria-labelledby="room-end">
      <h3 id="room-end">{t('setting.end')}</h3>
      <p>{t('setting.endHint')}</p>
      <AskOnce
        label={t('setting.delete')}
        title={t('setting.deleteTitle', { name: room.name })}
        confirm={t('setting.delete')}
        danger
        act={async () => {
          await deleteRoom(code);
          void navigate('/');
        }}
      >
        <p>{t('setting.deleteBody')}</p>
      </AskOnce>
    </section>
  );
}
