// Asks for a room's code or its link and goes there; what was wrong stays in the field, to be corrected.
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import { keepClaim } from '../../lib/claims';
import { readEntry, type Entry } from '../../lib/code';

type Wrong = Extract<Entry, { fault: string }>;

export function CodeForm({ tried = '' }: { tried?: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const [typed, setTyped] = useState(tried);
  const [isMended, setMended] = useState(tried === '');
  const [wrong, setWrong] = useState<Wrong | null>(null);

  const enter = () => {
    const entry = readEntry(typed);
    if ('fault' in entry) {
      setWrong(entry);
      form.current?.querySelector('input')?.focus();
      return;
    }
    const { room, claim } = entry;
    setWrong(null);
    setMended(room !== tried);
    if (claim !== null) keepClaim(room, claim);
    void navigate(`/r/${room}`);
  };

  return (
    <Form ref={form} className="card stack" onSend={enter}>
      <Field
        label={t('home.entry')}
        hint={t('home.codeHint')}
        fault={wrong ? t(`home.wrong.${wrong.fault}`, { ...wrong }) : isMended ? undefined : t('room.checkCode')}
        className="code-input"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setMended(true);
          setWrong(null);
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
