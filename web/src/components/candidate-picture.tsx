// A candidate's picture, fetched when it comes into sight. Its place is kept, so that nothing moves when it is there.
import { useTranslation } from 'react-i18next';

import { isolate } from '../lib/isolate';

type CandidatePictureProps = { candidate: { name: string; picture: string | null }; className?: string };

export function CandidatePicture({ candidate, className = 'candidate-picture' }: CandidatePictureProps) {
  const { t } = useTranslation();
  if (candidate.picture === null) return null;

  return (
    <img
      className={className}
      src={`/pictures/${candidate.picture}`}
      alt={t('poll.picture', { name: isolate(candidate.name) })}
      width={320}
      height={320}
      loading="lazy"
      decoding="async"
    />
  );
}
