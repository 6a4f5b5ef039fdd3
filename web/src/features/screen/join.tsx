// How to join: the QR code, the address in words, and the room's code.
import { useTranslation } from 'react-i18next';

import { LoopbackNote } from '../../components/loopback-note';
import { QrCode, useJoinAddress, useQr } from '../../components/qr-code';

export function Join({ code }: { code: string }) {
  const { t } = useTranslation();
  const qr = useQr(code);
  const address = useJoinAddress(code);
  const [host, path] = address.split(/(?=\/r\/)/);

  return (
    <section className="join" aria-label={t('screen.join')}>
      <QrCode qr={qr} />
      <div className="join-words">
        <p className="join-address" translate="no">
          {host}
          <wbr />
          {path}
        </p>
        <p className="join-code">
          {t('home.code')} <strong translate="no"><bdi>{code === 'lobby' ? code : `${code.slice(0, 3)} ${code.slice(3)}`}</bdi></strong>
        </p>
        {/* Told by the server, not guessed from the page's own address before it has told. */}
        {qr !== undefined && <LoopbackNote address={address} />}
      </div>
    </section>
  );
}
