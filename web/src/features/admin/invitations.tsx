// Codes by which people sign up where not everybody may: an administrator makes them, sees what is left, withdraws them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { AskOnce } from '../../components/ask-once';
import { announce } from '../../lib/announcing';
import type { Invitation, NewInvitation } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { formatTime } from '../../lib/format';
import { useSignUpRule } from '../../lib/queries';
import { serverNowMs } from '../../lib/server-clock';
import { AccountForm } from '../../components/account-form';
import { endInvitation, fetchInvitations, makeInvitation } from './api';
import { ShownCode } from './shown-code';

export function Invitations({ token }: { token: string }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const rule = useSignUpRule();
  const [made, setMade] = useState<NewInvitation | null>(null);
  const query = { queryKey: ['mine', token, 'invitations'], queryFn: fetchInvitations };
  const { data = [], error } = useQuery(query);
  const refresh = () => cache.invalidateQueries(query);

  return (
    <AccountForm
      title={t('account.invitations')}
      action={t('account.makeInvitation')}
      done={null}
      fields={[
        { name: 'uses', label: t('account.uses'), inputMode: 'numeric', defaultValue: '1', autoComplete: 'off' },
        {
          name: 'hours',
          label: t('account.hours'),
          hint: t('account.hoursHint'),
          inputMode: 'numeric',
          defaultValue: '168',
          autoComplete: 'off',
        },
      ]}
      send={async ({ uses, hours }) => {
        setMade(null);
        setMade(await makeInvitation({ uses: Number(uses), hours: Number(hours) }));
        await refresh();
      }}
    >
      <p className="hint">{t(`account.invitations_${rule}`)}</p>
      {error && <p className="fault">{describeFault(error, t)}</p>}
      {data.length > 0 && (
        <ul className="invitations">
          {data.map((each) => (
            <InvitationLine
              key={each.id}
              invitation={each}
              onEnd={async () => {
                await endInvitation(each.id);
                if (made?.id === each.id) setMade(null);
                announce(t('account.invitationEnded', { id: each.id }));
                await refresh();
              }}
            />
          ))}
        </ul>
      )}
      <div role="status">{made !== null && <p>{t('account.invitationMade', { id: made.id })}</p>}</div>
      {made !== null && <ShownCode key={made.id} code={made.code} />}
    </AccountForm>
  );
}

function InvitationLine({ invitation, onEnd }: { invitation: Invitation; onEnd: () => Promise<void> }) {
  const { t, i18n } = useTranslation();
  const { id, uses, expires_at } = invitation;
  const isOver = Date.parse(expires_at) <= serverNowMs();
  const time = formatTime(expires_at, i18n.language);

  return (
    <li>
      <span>
        <strong>{t('account.invitation', { id })}</strong>{' '}
        <span className="hint">
          {uses === 0 ? t('account.usedUp') : t('account.usesLeft', { count: uses })} ·{' '}
          {t(isOver ? 'account.ended' : 'account.until', { time })}
        </span>
      </span>
      <span role="group" aria-label={t('account.invitation', { id })}>
        <AskOnce
          label={t('account.endInvitation')}
          className="quiet"
          title={t('account.endInvitationAsk', { id })}
          confirm={t('account.endInvitation')}
          danger
          act={onEnd}
        >
          <p>{t('account.endInvitationMeans')}</p>
        </AskOnce>
      </span>
    </li>
  );
}
