// How to join: the QR code, the address in words, and the room's code.
import { useTranslation } from 'react-i18next';

import { QrCode, useJoinAddress, useQr } from '../../components/qr-code';

export function Join({ code }: { code: string }) {
  const { t } = useTranslation();
  const qr = useQr(code);
  const [host, path] = useJoinAddress(code).split(/(?=\/r\/)/);

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
      </div>
    </section>
  );
}
