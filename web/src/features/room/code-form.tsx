// Asks for a room code and goes there; after a code that led nowhere, it shows that one to be mended.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import { readRoomCode } from '../../lib/code';

export function CodeForm({ tried = '' }: { tried?: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, setTyped] = useState(tried);
  const [isMended, setMended] = useState(tried === '');
  const [wrong, setWrong] = useState(false);

  const enter = () => {
    const code = readRoomCode(typed);
    setWrong(code === null);
    setMended(code !== tried);
    if (code !== null) void navigate(`/r/${code}`);
  };

  return (
    <Form className="card stack" onSend={enter}>
      <Field
        label={t('home.code')}
        hint={t('home.codeHint')}
        fault={wrong ? t('home.codeWrong') : isMended ? undefined : t('room.checkCode')}
        className="code-input"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setMended(true);
        }}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
      />
      <button type="submit" className="primary">
        {t('home.enter')}
      </button>
    </Form>
  );
}
