// What somebody at the screen may change: full screen, dark or light, sound, the language. Out of sight while nobody is there.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LanguageMenu } from '../../components/language-menu';
import { isCalm, isSoundOn, switchSound } from '../../lib/sound';
import type { Theme } from './use-theme';
import { useFullScreen, useKeys } from './use-wall';

export function Controls({ theme, onTheme }: { theme: Theme; onTheme: () => void }) {
  const { t } = useTranslation();
  const { full, toggle } = useFullScreen();
  const [loud, setLoud] = useState(isSoundOn);
  const switchOver = () => {
    switchSound(!loud, 'reveal');
    setLoud(!loud);
  };
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
      {!isCalm() && (
        <button type="button" className="quiet" onClick={switchOver}>
          {t(loud ? 'screen.soundOff' : 'screen.soundOn')}
        </button>
      )}
      <LanguageMenu />
    </div>
  );
}
