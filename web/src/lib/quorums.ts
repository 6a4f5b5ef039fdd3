// How a host has set a room's quorum, in words: the same in the minutes and in the log.
import type { TFunction } from 'i18next';

import type { Room } from './contract';

export type QuorumSet = Pick<Room, 'quorum' | 'quorum_rule'>;

export function wordQuorumSet(t: TFunction, { quorum, quorum_rule }: QuorumSet): string {
  if (quorum === null) return t('quorum.none');
  const rule = quorum.rule ?? 'at_least';
  const asked =
    'count' in quorum
      ? t(`quorum.count.${rule}`, { count: quorum.count })
      : t(`quorum.share.${rule}`, { share: `${quorum.num}/${quorum.den}` });
  return t(`quorum.set.${quorum_rule}`, { asked });
}
