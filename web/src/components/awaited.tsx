// Stands where something will come that isn't here yet.
import { useTranslation } from 'react-i18next';

export function Awaited() {
  const { t } = useTranslation();
  return (
    <p className="awaited" aria-busy="true">
      {t('app.loading')}
    </p>
  );
}
