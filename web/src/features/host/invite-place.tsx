// How people get in: the link, its QR code, a text for a messenger, a poster for the door, and the slips.
import { useState } from 'react';
import { Link } from 'react-router';

import { Awaited } from '../../components/awaited';
import { LoopbackNote } from '../../components/loopback-note';
import { QrCode, useJoinAddress, useJoinLink, useQr } from '../../components/qr-code';
import { RoomLogo } from '../../components/room-logo';
import { useDesk } from './desk-room';
import { Area } from '../../components/fields';
import { GuestLink } from './guest-link';
import { placeLink } from './place';
import { CopyButton } from './copy-button';
import { useWords } from './words';

export function InvitePlace() {
  const { t } = useWords();
  const { code, room } = useDesk();
  const qr = useQr(code);
  const joinLink = useJoinLink(code);
  const address = useJoinAddress(code);
  // The server tells its address, and whether phones can reach that: before, nothing here holds.
  if (qr === undefined) return <Awaited />;
  const spaced = code === 'lobby' ? code : `${code.slice(0, 3)} ${code.slice(3)}`;

  return (
    <section className="stack" aria-labelledby="invite-title">
      <h2 id="invite-title" className="screen-only">{t('invite.title')}</h2>
      <LoopbackNote address={joinLink}>
        <p>{t('invite.loopbackHow')}</p>
      </LoopbackNote>
      <div className="invite-columns screen-only">
        <section className="card stack" aria-labelledby="invite-link">
          <h3 id="invite-link">{t('invite.link')}</h3>
          <QrCode qr={qr} />
          <p className="address">
            <code translate="no">{joinLink}</code>
          </p>
          <CopyButton text={joinLink} label={t('invite.copyLink')} />
        </section>
        <div className="stack">
          {room.visibility === 'members' && room.guests && <GuestLink />}
          <Message start={t('invite.messageText', { name: room.name, address: joinLink, code })} />
          <section className="card stack" aria-labelledby="invite-poster">
            <h3 id="invite-poster">{t('invite.poster')}</h3>
            <p className="hint">{t('invite.posterHint')}</p>
            <div className="steps">
              <button type="button" className="act" onClick={() => window.print()}>
                {t('invite.print')}
              </button>
            </div>
          </section>
          <section className="card stack" aria-labelledby="invite-slips">
            <h3 id="invite-slips">{t('invite.slips')}</h3>
            <p className="hint">{t('invite.slipsHint')}</p>
            <div className="steps">
              <Link className="act" to={placeLink('codes')}>
                {t('invite.slipsGo')}
              </Link>
            </div>
          </section>
        </div>
      </div>
      <div className="poster">
        <p className="poster-title">{t('invite.posterTitle')}</p>
        <p className="poster-room"><RoomLogo code={code} printed /><bdi>{room.name}</bdi></p>
        <QrCode qr={qr} />
        <p>{t('invite.posterScan')}</p>
        <p className="hint">{t('invite.posterType')}</p>
        <p className="poster-address" translate="no">{address}</p>
        <p className="poster-code" translate="no"><bdi>{spaced}</bdi></p>
      </div>
    </section>
  );
}

/** A text that one may change before it is copied or shared. */
function Message({ start }: { start: string }) {
  const { t } = useWords();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? start;
  const share = { text };
  const canShare = 'share' in navigator && typeof navigator.canShare === 'function' && navigator.canShare(share);

  return (
    <section className="card stack" aria-labelledby="invite-message">
      <h3 id="invite-message">{t('invite.message')}</h3>
      <Area
        label={t('invite.message')}
        hint={t('invite.messageHint')}
        rows={4}
        value={text}
        onChange={(event) => setTyped(event.target.value)}
      />
      <div className="steps">
        <CopyButton text={text} label={t('invite.copyMessage')} />
        {canShare && (
          <button type="button" className="act" onClick={() => void navigator.share(share).catch(() => undefined)}>
            {t('invite.share')}
          </button>
        )}
      </div>
    </section>
  );
}
