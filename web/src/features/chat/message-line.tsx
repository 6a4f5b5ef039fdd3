// One line of the conversation.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { PersonName } from '../../components/person-name';
import type { Message } from '../../lib/contract';
import { formatListed } from '../../lib/format';
import { isMarked } from '../../lib/roles';

type MessageLineProps = {
  message: Message;
  mine: boolean;
  number: string | undefined;
  zone: string | undefined;
  /** What a host can do about it. */
  children?: ReactNode;
};

export function MessageLine({ message, mine, number, zone, children }: MessageLineProps) {
  const { t, i18n } = useTranslation();
  const { author, text, sent_at } = message;

  return (
    <li className="chat-line" data-mine={mine}>
      <p className="chat-head">
        <PersonName name={author.name} number={number} />{' '}
        {/* Anybody may be called “Host”. */}
        {isMarked(author.role) && <span className="badge-plain">{t(`people.${author.role}`)}</span>}{' '}
        <time dateTime={sent_at}>{formatListed(sent_at, i18n.language, zone)}</time>
      </p>
      <p className="chat-text"><bdi>{text}</bdi></p>
      {children}
    </li>
  );
}
