// What somebody sees who opened the link of their slip: whom it is for, and one button to come in.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { Refusal } from '../../lib/api';
import { announce } from '../../lib/announcing';
import { describeFault } from '../../lib/faults';
import { meQuery } from '../../lib/queries';
import { takeSeat, useSession } from '../../lib/session';
import { claimRow, readSlip } from './api';
import { EntryPage } from './entry-page';
import { isOwnSlip, keepOwnSlip } from './own-slip';
import { readLook, useEntryLook } from './use-entry-room';
import { WaysIn } from './ways-in';

type SlipProps = { room: string; claim: string; onDone: () => void };

const isGone = (fault: unknown) => fault instanceof Refusal && ['not_found', 'forbidden'].includes(fault.problem.code);

export function Slip({ room, claim, onDone }: SlipProps) {
  const { t } = useTranslation();
  const { token, seat } = useSession();
  const slip = useQuery({
    queryKey: ['slip', room, claim],
    queryFn: () => readSlip(room, claim),
    networkMode: 'always',
    staleTime: Infinity,
    gcTime: 0,
    retry: (failures, fault) => !(fault instanceof Refusal) && failures < 3,
  });
  const joining = useMutation({
    networkMode: 'always',
    mutationFn: () => claimRow(room, claim, seat === null ? token : null),
    onSuccess: ({ row, token: seatToken }) => {
      if (seatToken !== undefined) takeSeat(room, { token: seatToken, name: row.name });
      keepOwnSlip(room, claim);
      announce(t('auth.claimed', { name: row.name }));
      onDone();
    },
  });
  const gone = isGone(slip.error) || isGone(joining.error);
  const about = useEntryLook(room, gone);
  const me = useQuery({ ...meQuery(token), enabled: gone && token !== null && seat === null });
  const cameBack = gone && token !== null && isOwnSlip(room, claim);

  // Scanned again by the phone that has used it.
  useEffect(() => {
    if (cameBack) onDone();
  }, [cameBack, onDone]);
  if (cameBack) return null;

  if (gone && token !== null) {
    const own = seat?.name ?? me.data?.name;
    return (
      <EntryPage code={room} look={about}>
        <div className="card stack">
          <p role="alert">{own === undefined ? t('auth.slipUsed') : t('auth.slipUsedHere', { name: own })}</p>
          <button type="button" className="primary" onClick={onDone}>
            {t('auth.goOn')}
          </button>
        </div>
      </EntryPage>
    );
  }

  if (gone) {
    return (
      <EntryPage code={room} look={about}>
        <p role="alert" className="card">{t('auth.slipUsed')}</p>
        <WaysIn room={room} asked="code" onDone={onDone} />
      </EntryPage>
    );
  }

  const name = slip.data?.row.name;
  const fault = slip.error ?? joining.error;
  return (
    <EntryPage code={room} look={slip.data ? readLook(slip.data) : slip.error === null ? undefined : null}>
      <div className="card stack">
        <p role="status">{name === undefined ? t('auth.slipReading') : t('auth.slipRead', { name })}</p>
        {name !== undefined && seat !== null && <p className="hint">{t('auth.slipSeat', { name: seat.name })}</p>}
        {name !== undefined && seat === null && token !== null && <p className="hint">{t('auth.slipAccount')}</p>}
        <div role="alert">{fault !== null && <p className="fault">{describeFault(fault, t)}</p>}</div>
        {slip.error === null ? (
          <button
            type="button"
            className="primary"
            aria-disabled={name === undefined || joining.isPending}
            onClick={() => name !== undefined && !joining.isPending && joining.mutate()}
          >
            {name === undefined || joining.isPending ? t('auth.working') : t('auth.joinAs', { name })}
          </button>
        ) : (
          <button type="button" className="primary" onClick={() => void slip.refetch()}>
            {t('auth.tryAgain')}
          </button>
        )}
        {token === null && name !== undefined && <p className="hint">{t('auth.rollCodeShared')}</p>}
      </div>
      <p className="aside">
        <button type="button" className="link" onClick={onDone}>
          {t('auth.notMe')}
        </button>
      </p>
    </EntryPage>
  );
}
