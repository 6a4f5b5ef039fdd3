// The QR code to join. It is drawn here rather than linked, because a members' room gives it for the token alone.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { askFile } from '../lib/api';
import { useSession } from '../lib/session';

type Qr = { size: number; path: string; scale: string; address: string };

const qrQuery = (code: string, token: string | null) =>
  queryOptions<Qr>({
    queryKey: ['mine', token, 'qr', code],
    queryFn: async () => readQr(await (await askFile(`/rooms/${code}/qr.svg`, { token })).text()),
    staleTime: Infinity,
    retry: true,
    retryDelay: 5000,
  });

/** The code and the address that it stands for; undefined until the server has told. */
export function useQr(code: string): Qr | undefined {
  const { token } = useSession();
  return useQuery(qrQuery(code, token)).data;
}

/** The link to join by: the server knows by which name it is reached from elsewhere. */
export function useJoinLink(code: string): string {
  const told = useQr(code)?.address ?? '';
  return told || `${window.location.origin}/r/${code}`;
}

/** The same without its scheme, to be read and typed. */
export function useJoinAddress(code: string): string {
  return useJoinLink(code).replace(/^https?:\/\//, '');
}

function readQr(text: string): Qr {
  const image = new DOMParser().parseFromString(text, 'image/svg+xml');
  const path = image.querySelector('path');
  return {
    size: Number(image.documentElement.getAttribute('width')),
    path: path?.getAttribute('d') ?? '',
    scale: path?.getAttribute('transform') ?? '',
    address: image.querySelector('title')?.textContent ?? '',
  };
}

type QrCodeProps = { qr: Pick<Qr, 'size' | 'path' | 'scale'> | undefined };

export function QrCode({ qr }: QrCodeProps) {
  const { t } = useTranslation();
  if (qr === undefined) return <div className="qr" />;

  return (
    <svg className="qr" viewBox={`0 0 ${qr.size} ${qr.size}`} role="img" aria-label={t('screen.qr')}>
      <rect width="100%" height="100%" rx="3%" fill="#fff" />
      <path d={qr.path} transform={qr.scale} stroke="#000" />
    </svg>
  );
}
