// Coming into a room without an account: by one field, a name for a guest or a code for a row of the roll.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, type ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';

import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import { Refusal } from '../../lib/api';
import { announce } from '../../lib/announcing';
import { useGuestKey } from '../../lib/claims';
import { describeFault, wordFieldFaults } from '../../lib/faults';
import { readText } from '../../lib/forms';
import { takeSeat, useSession } from '../../lib/session';
import { claimRow, enterAsGuest } from './api';
import { keepOwnSlip } from './own-slip';

type SeatFormProps = { room: string; onDone: () => void };

export function GuestForm({ room, onDone }: SeatFormProps) {
  const { t } = useTranslation();
  const key = useGuestKey(room);
  const entering = useMutation({
    networkMode: 'always',
    mutationFn: (nickname: string) => enterAsGuest(room, nickname, key),
    onSuccess: ({ token, guest }) => {
      takeSeat(room, { token, name: guest.nickname });
      onDone();
    },
  });
  const code = entering.error instanceof Refusal ? entering.error.problem.code : null;
  const words = { nickname_taken: 'auth.nicknameTaken', not_found: 'auth.guestLinkOver', forbidden: 'auth.noGuests' } as const;
  const wrong = code !== null && code in words ? words[code as keyof typeof words] : null;

  return (
    <OneField
      name="nickname"
      label={t('auth.nickname')}
      hint={t('auth.nicknameHint')}
      action={t('auth.guestGo')}
      fault={wrong === null ? null : t(wrong)}
      sending={entering}
      autoComplete="nickname"
      maxLength={40}
    />
  );
}

/** Signed in, the row becomes the account's; signed out, this device's. */
export function ClaimForm({ room, onDone }: SeatFormProps) {
  const { t } = useTranslation();
  const { token, seat } = useSession();
  // A guest's seat, or another's on a lent tablet, gives way to the row's.
  const account = seat === null ? token : null;
  const claiming = useMutation({
    networkMode: 'always',
    mutationFn: (code: string) => claimRow(room, code, account),
    onSuccess: ({ row, token: seatToken }, code) => {
      if (seatToken !== undefined) takeSeat(room, { token: seatToken, name: row.name });
      keepOwnSlip(room, code);
      announce(t('auth.claimed', { name: row.name }));
      onDone();
    },
  });
  const code = claiming.error instanceof Refusal ? claiming.error.problem.code : null;
  const wrong = code === 'not_found' || code === 'forbidden';

  return (
    <OneField
      name="code"
      label={t('auth.rollCode')}
      hint={account === null ? `${t('auth.rollCodeHint')} ${t('auth.rollCodeShared')}` : t('auth.rollCodeHint')}
      action={t(account === null ? 'auth.rollCodeGo' : 'auth.rollCodeBind')}
      fault={wrong ? t('auth.wrongRollCode') : null}
      sending={claiming}
      className="code-input"
      autoComplete="one-time-code"
      autoCapitalize="characters"
      spellCheck={false}
    />
  );
}

type OneFieldProps = Omit<ComponentProps<typeof Field>, 'fault' | 'name'> & {
  name: string;
  action: string;
  /** What is wrong with the field in this page's own words, which come before the server's. */
  fault: string | null;
  sending: { mutate: (typed: string) => void; isPending: boolean; error: Error | null };
};

function OneField({ name, action, fault, sending, ...field }: OneFieldProps) {
  const { t } = useTranslation();
  const form = useRef<HTMLFormElement>(null);
  const { mutate, isPending, error } = sending;
  const atField = fault ?? wordFieldFaults(error, t, 0)[name];

  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLInputElement>('[aria-invalid]')?.focus();
  }, [error]);

  return (
    <Form
      ref={form}
      className="card stack"
      onSend={(fields) => {
        if (!isPending) mutate(readText(fields, name));
      }}
    >
      <Field name={name} fault={atField} {...field} />
      <div role="alert">{error && atField === undefined && <p className="fault">{describeFault(error, t)}</p>}</div>
      <button type="submit" className="primary" aria-disabled={isPending}>
        {isPending ? t('auth.working') : action}
      </button>
    </Form>
  );
}
