// Tells of a poll that opened below what one is at. It takes neither the place nor the focus; one goes there oneself.
import { useTranslation } from 'react-i18next';

import type { Poll } from '../../lib/contract';

export function FreshPoll({ poll, onLooked }: { poll: Poll; onLooked: () => void }) {
  const { t } = useTranslation();

  const show = () => {
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
