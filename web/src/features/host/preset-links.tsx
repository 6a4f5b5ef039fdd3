// The ways to begin a poll, from the list of polls: one click to a form whose rules are filled in.
import { Link } from 'react-router';

import { placeLink } from './place';
import { presets } from './presets';
import { useWords } from './words';

export function PresetLinks() {
  const { t } = useWords();

  return (
    <nav className="preset-row" aria-label={t('preset.start')}>
      {presets.map((preset) => (
        <Link key={preset} className="act" to={`${placeLink('new')}&preset=${preset}`}>
          {t(`preset.${preset}`)}
        </Link>
      ))}
    </nav>
  );
}
