// One form for signing in and signing up; the page around it says where to go afterwards.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import { Refusal } from '../../lib/api';
import { describeFault, wordFieldFaults } from '../../lib/faults';
import { readText } from '../../lib/forms';
import { useShortestPassword, useSignUpRule } from '../../lib/queries';
import { useEnter, type EntryMode } from './use-enter';

type EntryFormProps = { room: string | null; mode: EntryMode; onMode: (mode: EntryMode) => void };

export function EntryForm({ room, mode, onMode }: EntryFormProps) {
  const { t } = useTranslation();
  const { mutate, isPending, error, reset } = useEnter(room, () => onMode('sign-in'));
  const min = useShortestPassword();
  const form = useRef<HTMLFormElement>(null);
  const rule = useSignUpRule();
  const joining = mode === 'sign-up';
  const invited = joining && rule === 'invite';
  const faults = wordFieldFaults(error, t, min);
  if (invited && error instanceof Refusal && error.problem.code === 'forbidden') faults.invitation = error.problem.detail;
  const shown = ['email', 'password', ...(joining ? ['name'] : []), ...(invited ? ['invitation'] : [])];
  const atField = shown.some((field) => field in faults);

  // One came to type, also after turning to the other form.
  useEffect(() => {
    form.current?.querySelector('input')?.focus({ preventScroll: true });
  }, [mode]);

  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLInputElement>('[aria-invalid]')?.focus();
  }, [error]);

  const switchMode = () => {
    reset();
    onMode(joining ? 'sign-in' : 'sign-up');
  };

  return (
    <>
      <Form
        ref={form}
        className="card stack"
        onSend={(fields) => {
          if (isPending) return;
          mutate({
            mode,
            email: readText(fields, 'email'),
            name: readText(fields, 'name'),
            password: readText(fields, 'password'),
            ...(invited && { invitation: readText(fields, 'invitation').trim() }),
          });
        }}
      >
        <Field
          label={t('auth.email')}
          fault={faults.email}
          name="email"
          type="email"
          inputMode="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
        />
        {joining && (
          <Field label={t('auth.name')} hint={t('auth.nameHint')} fault={faults.name} name="name" autoComplete="name" />
        )}
        <Field
          key={mode}
          label={t('auth.password')}
          hint={joining ? t('auth.passwordHint', { min }) : undefined}
          fault={faults.password}
          name="password"
          type="password"
          autoComplete={joining ? 'new-password' : 'current-password'}
        />
        {invited && (
          <Field
            label={t('auth.invitation')}
            hint={t('auth.invitationHint')}
            fault={faults.invitation}
            name="invitation"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
          />
        )}
        <div role="alert">{error && !atField && <p className="fault">{describeFault(error, t)}</p>}</div>
        <button type="submit" className="primary" aria-disabled={isPending}>
          {isPending ? t('auth.working') : t(joining ? 'auth.signUp' : 'auth.signIn')}
        </button>
      </Form>
      <p className="aside">
        {rule === 'closed' ? (
          t('auth.signUpClosed')
        ) : (
          <>
            {t(joining ? 'auth.haveAccount' : 'auth.noAccount')}{' '}
            <button type="button" className="link" onClick={switchMode}>
              {t(joining ? 'auth.signIn' : 'auth.signUp')}
            </button>
          </>
        )}
      </p>
      {!joining && (
        <p className="aside">
          <Link to="/reset">{t('auth.forgotten')}</Link>
        </p>
      )}
    </>
  );
}
