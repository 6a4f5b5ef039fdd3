// Claim codes as a sheet to print and cut: each slip lets one person take their row of the roll.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';

import { AskOnce } from '../../components/ask-once';
import { LoopbackNote } from '../../components/loopback-note';
import { QrCode, useJoinAddress, useJoinLink, useQr } from '../../components/qr-code';
import { RoomLogo } from '../../components/room-logo';
import type { ClaimCode } from '../../lib/contract';
import { makeCodes } from './api';
import { useDesk } from './desk-room';
import { drawQr } from './draw-qr';
import { Options } from '../../components/fields';
import { placeLink } from './place';
import { rollQuery, slipsQuery } from './queries';
import { useWords } from './words';

/** As the print's style has it. */
const slipsOfPage = 8;

export function Slips() {
  const { t } = useWords();
  const { code, room, token } = useDesk();
  const cache = useQueryClient();
  const rows = useQuery(rollQuery(code, token)).data ?? [];
  const slips = useQuery({ ...slipsQuery(code, token), enabled: false }).data ?? [];
  const isTold = useQr(code) !== undefined;
  const link = useJoinLink(code);
  const address = useJoinAddress(code);
  const [whose, setWhose] = useState<'unclaimed' | 'all'>('unclaimed');
  const chosen = rows.filter((row) => whose === 'all' || !row.claimed);

  const make = async () => {
    const ids = chosen.map((row) => row.id);
    const { items } = await makeCodes(code, ids);
    cache.setQueryData(slipsQuery(code, token).queryKey, items);
  };

  return (
    <section className="stack" aria-labelledby="slips-title">
      <div className="screen-only stack">
        <p>
          <Link to={placeLink('roll')}>{t('slip.back')}</Link>
        </p>
        <h2 id="slips-title">{t('roll.codes')}</h2>
        <p>{t('slip.what')}</p>
        <div className="card stack">
          <Options
            legend={t('slip.whose')}
            value={whose}
            options={(['unclaimed', 'all'] as const).map((value) => ({
              value,
              label: t(`slip.whose_${value}`),
              hint: t(`slip.whose_${value}_hint`),
            }))}
            onPick={setWhose}
          />
          <div className="steps">
            {chosen.length > 0 && (
              <AskOnce
                label={t('slip.make', { count: chosen.length })}
                className={slips.length > 0 ? 'act' : 'act main'}
                title={t('slip.makeTitle', { count: chosen.length })}
                confirm={t('slip.makeConfirm')}
                act={make}
              >
                <p>{t('roll.newCodeBody')}</p>
              </AskOnce>
            )}
            {slips.length > 0 && (
              <button type="button" className="act main" onClick={() => window.print()}>
                {t('slip.print')}
              </button>
            )}
          </div>
          {slips.length > 0 && (
            <p className="hint">
              {t('slip.pages', { count: Math.ceil(slips.length / slipsOfPage) })} {t('slip.once')}
            </p>
          )}
        </div>
        {/* Below: it comes when the server has told its address, and moves nothing. */}
        {isTold && (
          <LoopbackNote address={link}>
            <p>{t('invite.loopbackHow')}</p>
          </LoopbackNote>
        )}
      </div>
      {slips.length > 0 && isTold && (
        <ul className="slips" aria-label={t('slip.sheet')}>
          {slips.map((slip) => (
            <SlipToCut key={slip.id} code={code} slip={slip} link={link} address={address} called={room.name} />
          ))}
        </ul>
      )}
    </section>
  );
}

type SlipProps = { code: string; slip: ClaimCode; link: string; address: string; called: string };

function SlipToCut({ code, slip, link, address, called }: SlipProps) {
  const { t } = useWords();
  // The code stands behind the #: no server and no log ever sees it.
  const qr = useMemo(() => ({ ...drawQr(`${link}#claim=${slip.code}`), scale: '' }), [link, slip.code]);

  return (
    <li className="slip">
      <QrCode qr={qr} />
      <div className="slip-words">
        <p className="slip-name">
          <bdi>{slip.name}</bdi> {slip.ref && <span className="hint"><bdi>{slip.ref}</bdi></span>}
        </p>
        <p className="hint slip-room"><RoomLogo code={code} printed /><bdi>{called}</bdi></p>
        <p className="slip-how">{t('slip.how')}</p>
        <p className="slip-how">{t('slip.orType')}</p>
        <p className="slip-address" translate="no">
          {address}
        </p>
        <p className="slip-code" translate="no">
          <bdi>{slip.code.slice(0, 5)}</bdi>-<bdi>{slip.code.slice(5)}</bdi>
        </p>
      </div>
    </li>
  );
}
