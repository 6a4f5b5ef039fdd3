// What somebody at the screen may change: full screen, dark or light, the language. Out of sight while nobody is there.
import { useTranslation } from 'react-i18next';

import { LanguageMenu } from '../../components/language-menu';
import type { Theme } from './use-theme';
import { useFullScreen, useKeys } from './use-wall';

export function Controls({ theme, onTheme }: { theme: Theme; onTheme: () => void }) {
  const { t } = useTranslation();
  const { full, toggle } = useFullScreen();
  // By its place on the keyboard: with Hangul on, the same key gives another letter.
  useKeys(({ code }) => {
    if (code === 'KeyF') toggle?.();
  });

  return (
    <div className="controls" role="group" aria-label={t('screen.controls')}>
      {toggle !== null && (
        <button type="button" className="quiet" aria-keyshortcuts="F" onClick={toggle}>
          {t(full ? 'screen.leaveFull' : 'screen.full')} <kbd aria-hidden="true">F</kbd>
        </button>
      )}
      <button type="button" className="quiet" onClick={onTheme}>
        {t(theme === 'dark' ? 'screen.light' : 'screen.dark')}
      </button>
      <LanguageMenu />
    </div>
  );
}
