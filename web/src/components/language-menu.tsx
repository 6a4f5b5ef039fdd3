// Chooses the page's language; each is named in itself. What is seen is as wide as the chosen one's name, the list as it needs.
import { useTranslation } from 'react-i18next';

import { chooseLanguage, currentLanguage } from '../lib/i18n';
import { callLanguage, languages, nameLanguage } from '../lib/languages';

export function LanguageMenu() {
  const { t } = useTranslation();
  // Words that don't come leave the page as it is.
  const choose = (language: string) => void chooseLanguage(language).catch(() => undefined);

  const chosen = currentLanguage();

  return (
    <span className="language">
      <bdi aria-hidden="true">{callLanguage(chosen)}</bdi>
      <select aria-label={t('app.language')} value={chosen} onChange={({ target }) => choose(target.value)}>
        {languages.map((language) => (
          <option key={language} lang={language} value={language}>
            {nameLanguage(language)}
          </option>
        ))}
      </select>
    </span>
  );
}
