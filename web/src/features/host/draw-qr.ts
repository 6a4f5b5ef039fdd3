// A QR code of a text, as the path of an SVG. It is drawn here: the link of a slip must not be sent to any server.
import encodeQR from 'qr';

/** Level M and a quiet zone of four modules, as ISO/IEC 18004 wants: slips are folded and photographed in dim halls. */
export function drawQr(text: string): { size: number; path: string } {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const path = modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : []))).join('');
  return { size: modules.length, path };
}
