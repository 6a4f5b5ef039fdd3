// Switches between Korean and English; it is labelled in the language it leads to.
import { useTranslation } from 'react-i18next';

import { chooseLanguage, currentLanguage } from '../lib/i18n';

export function LanguageButton() {
  const { t } = useTranslation();
  const other = currentLanguage() === 'ko' ? 'en' : 'ko';

  return (
    <button type="button" className="quiet" lang={other} onClick={() => chooseLanguage(other)}>
      {t('app.otherLanguage')}
    </button>
  );
}
