// Which of the candidates are shown, and the buttons to turn their pages or to hold one.
import { useTranslation } from 'react-i18next';

import type { usePages } from './use-pages';

type PagerProps = { pages: ReturnType<typeof usePages>; from: number; to: number; all: number };

export function Pager({ pages: { turn, turning, toggle }, from, to, all }: PagerProps) {
  const { t } = useTranslation();
  const button = (label: string, sign: string, act: () => void) => (
    <button type="button" aria-label={label} title={label} onClick={act}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={sign} />
      </svg>
    </button>
  );

  return (
    <div className="bars-pager">
      <p>{t('screen.pageOf', { from, to, all })}</p>
      <div className="rounds-controls" role="group" aria-label={t('screen.pages')}>
        {button(t('screen.pageBack'), 'M15 5l-8 7 8 7z', () => turn(-1))}
        {turning
          ? button(t('screen.pageHold'), 'M6 5h4v14H6zM14 5h4v14h-4z', toggle)
          : button(t('screen.pageGo'), 'M7 4l13 8-13 8z', toggle)}
        {button(t('screen.pageNext'), 'M9 5l8 7-8 7z', () => turn(1))}
      </div>
    </div>
  );
}
