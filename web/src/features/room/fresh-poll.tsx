// Tells of a poll that opened below what one is at. It takes neither the place nor the focus; one goes there oneself.
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';

import type { Poll } from '../../lib/contract';

/** `onShow` brings the poll onto the page, where only one is on it. */
type FreshPollProps = { poll: Poll; onShow: () => void; onLooked: () => void };

export function FreshPoll({ poll, onShow, onLooked }: FreshPollProps) {
  const { t } = useTranslation();

  const show = () => {
    flushSync(onShow);
    const heading = document.getElementById(`poll-${poll.id}-title`);
    heading?.scrollIntoView({ block: 'start' });
    heading?.focus({ preventScroll: true });
    onLooked();
  };

  return (
    <div className="fresh-poll">
      <p>{t('room.newPoll', { title: poll.title })}</p>
      <button type="button" className="quiet" onClick={show}>
        {t('room.show')}
      </button>
    </div>
  );
}
