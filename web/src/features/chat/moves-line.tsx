// Who came and who went, in one line: two are named, of the others there is the number.
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import type { Moves } from './lines';

export function MovesLine({ moves: { came, went, online } }: { moves: Moves }) {
  const { t } = useTranslation();
  const sentences = [word(t, 'came', came), word(t, 'went', went), t('chat.onlineNow', { online })];

  return <li className="chat-system">{sentences.filter((sentence) => sentence !== null).join(' ')}</li>;
}

function word(t: TFunction, move: 'came' | 'went', names: string[]): string | null {
  const [first, second, ...others] = names;
  if (first === undefined) return null;
  if (second === undefined) return t(`chat.${move}`, { names: first });
  if (others.length === 0) return t(`chat.${move}`, { names: t('chat.two', { first, second }) });
  return t(`chat.${move}More`, { names: t('chat.firstTwo', { first, second }), count: others.length });
}
