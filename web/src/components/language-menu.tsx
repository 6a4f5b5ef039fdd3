// Chooses the page's language; each is named in itself.
import { useTranslation } from 'react-i18next';

import { chooseLanguage, currentLanguage } from '../lib/i18n';
import { languages, nameLanguage } from '../lib/languages';

export function LanguageMenu() {
  const { t } = useTranslation();
  // Words that don't come leave the page as it is.
  const choose = (language: string) => void chooseLanguage(language).catch(() => undefined);

  return (
    <select className="language" aria-label={t('app.language')} value={currentLanguage()} onChange={({ target }) => choose(target.value)}>
      {languages.map((language) => (
        <option key={language} lang={language} value={language}>
          {nameLanguage(language)}
        </option>
      ))}
    </select>
  );
}
