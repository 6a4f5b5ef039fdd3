// The link by which guests join a room that only its members can see.
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { AskOnce } from '../../components/ask-once';
import { useJoinLink } from '../../components/qr-code';
import { endGuestLink, fetchGuestLink, makeGuestLink } from './api';
import { CopyButton } from './copy-button';
import { useDesk } from './desk-room';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

export function GuestLink() {
  const { t } = useWords();
  const { code, token, say } = useDesk();
  const faultText = useFaultText();
  const cache = useQueryClient();
  const joinLink = useJoinLink(code);
  const queryKey = ['mine', token, 'guest-link', code] as const;
  const link = useQuery({ queryKey, queryFn: () => fetchGuestLink(code) });
  const make = useAct(
    () => makeGuestLink(code),
    (made) => {
      cache.setQueryData(queryKey, made);
      say(''); // that they were ended holds no longer
    },
  );
  const end = async () => {
    await endGuestLink(code);
    cache.setQueryData(queryKey, { key: null });
    say(t('invite.guestLinkEnded'));
  };
  const key = link.data?.key ?? null;
  // The key stands behind the #: no log ever has it.
  const address = `${joinLink}#guest=${key ?? ''}`;
  const fault = link.error ?? make.error;

  return (
    <section className="card stack" aria-labelledby="invite-guests">
      <h3 id="invite-guests">{t('invite.guestLink')}</h3>
      <p className="hint">{t('invite.guestLinkHint')}</p>
      {key !== null && (
        <p className="address">
          <code translate="no">{address}</code>
        </p>
      )}
      <div className="steps">
        {key !== null && <CopyButton text={address} label={t('invite.copyLink')} />}
        {link.data !== undefined && (
          <button type="button" className="act" onClick={() => make.mutate()}>
            {t(key === null ? 'invite.guestLinkMake' : 'invite.guestLinkAnew')}
          </button>
        )}
        {key !== null && (
          <AskOnce label={t('invite.guestLinkEnd')} title={t('invite.guestLinkEndTitle')} confirm={t('invite.guestLinkEnd')} danger act={end}>
            <p>{t('invite.guestLinkEndBody')}</p>
          </AskOnce>
        )}
      </div>
      <div role="alert">{fault && <p className="fault">{faultText(fault)}</p>}</div>
    </section>
  );
}
