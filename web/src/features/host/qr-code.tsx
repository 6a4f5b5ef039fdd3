// The QR code of the room's address, drawn here: in a members' room the server gives it for the token alone.
import { useQuery } from '@tanstack/react-query';

import { askFile } from '../../lib/api';
import { useDesk } from './desk-room';
import { useWords } from './words';

type Qr = { size: number; path: string; scale: string; address: string | null };

function readQr(text: string): Qr {
  const image = new DOMParser().parseFromString(text, 'image/svg+xml');
  const path = image.querySelector('path');
  return {
    size: Number(image.documentElement.getAttribute('width')),
    path: path?.getAttribute('d') ?? '',
    scale: path?.getAttribute('transform') ?? '',
    address: image.querySelector('title')?.textContent ?? null,
  };
}

export function useQr(code: string): Qr | undefined {
  const { token } = useDesk();
  return useQuery({
    queryKey: ['mine', token, 'qr', code],
    queryFn: async () => readQr(await (await askFile(`/rooms/${code}/qr.svg`)).text()),
    staleTime: Infinity,
  }).data;
}

export function QrCode({ qr }: { qr: Qr | undefined }) {
  const { t } = useWords();
  if (qr === undefined) return <div className="qr" />;

  return (
    <svg className="qr" viewBox={`0 0 ${qr.size} ${qr.size}`} role="img" aria-label={t('slip.qr')}>
      <rect width="100%" height="100%" fill="#fff" />
      <path d={qr.path} transform={qr.scale} stroke="#000" />
    </svg>
  );
}
