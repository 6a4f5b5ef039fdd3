// Starting a room by a name alone: this device hosts it, until an account takes it over.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import { ask } from '../../lib/api';
import { describeFault, wordFieldFaults } from '../../lib/faults';
import { readText } from '../../lib/forms';
import { useShortestPassword } from '../../lib/queries';
import { takeSeat } from '../../lib/session';

type NewRoom = { name: string; host: string; timezone?: string };

async function startRoom(body: NewRoom) {
  const started = await ask('POST', '/rooms', { body, token: null });
  if (!('token' in started)) throw new Error('an account made it');
  return started;
}

export function StartRoom() {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  if (asking) return <StartForm />;

  return (
    <button type="button" className="secondary" onClick={() => setAsking(true)}>
      {t('home.startRoom')}
    </button>
  );
}

function StartForm() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const min = useShortestPassword();
  const { mutate, isPending, error } = useMutation({
    networkMode: 'always',
    mutationFn: startRoom,
    onSuccess: ({ room, host, token }) => {
      takeSeat(room.code, { token, name: host.name, hosts: room.name });
      void navigate(`/r/${room.code}?desk=polls`);
    },
  });
  const fault = wordFieldFaults(error, t, min).host;

  useEffect(() => {
    form.current?.querySelector('input')?.focus();
  }, [error]);

  return (
    <Form
      ref={form}
      className="stack"
      onSend={(fields) => {
        const host = readText(fields, 'host').trim();
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        if (!isPending) mutate({ host, name: t('home.roomOf', { name: host }), ...(zone && { timezone: zone }) });
      }}
    >
      <Field
        label={t('home.hostName')}
        hint={t('home.hostNameHint')}
        fault={fault}
        name="host"
        autoComplete="name"
        maxLength={40}
      />
      <div role="alert">{error && fault === undefined && <p className="fault">{describeFault(error, t)}</p>}</div>
      <button type="submit" className="primary" aria-disabled={isPending}>
        {t('home.startGo')}
      </button>
    </Form>
  );
}
