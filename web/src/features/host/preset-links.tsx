// The ways to begin a poll, from the list of polls: one click to a form whose rules are filled in.
import { Link } from 'react-router';

import { placeLink } from './place';
import { presets, type Preset } from './presets';
import { useWords } from './words';

const linkTo = (preset: Preset) => `${placeLink('new')}&preset=${preset}`;

export function PresetLinks() {
  const { t } = useWords();

  return (
    <nav className="preset-row" aria-label={t('preset.start')}>
      {presets.map((preset) => (
        <Link key={preset} className="act" to={linkTo(preset)}>
          {t(`preset.${preset}`)}
        </Link>
      ))}
    </nav>
  );
}

/** The same where there is no poll yet: each with what it does, and beside them what else an evening needs. */
export function FirstSteps({ screen }: { screen: string }) {
  const { t } = useWords();
  const others = [
    { name: 'invite', to: placeLink('invite') },
    { name: 'roll', to: placeLink('roll') },
  ] as const;

  return (
    <div className="first-steps">
      <nav className="stack" aria-labelledby="first-poll">
        <h3 id="first-poll">{t('desk.noPolls')}</h3>
        <ul className="stack tight">
          {presets.map((preset) => (
            <li key={preset} className="card step">
              <Link to={linkTo(preset)} aria-describedby={`does-${preset}`}>{t(`preset.${preset}`)}</Link>
              <span id={`does-${preset}`} className="hint">{t(`preset.does.${preset}`)}</span>
            </li>
          ))}
        </ul>
      </nav>
      <nav className="stack" aria-labelledby="first-else">
        <h3 id="first-else">{t('preset.before')}</h3>
        <ul className="stack tight">
          {others.map(({ name, to }) => (
            <li key={name} className="card step">
              <Link to={to} aria-describedby={`before-${name}`}>{t(`preset.next.${name}`)}</Link>
              <span id={`before-${name}`} className="hint">{t(`preset.${name}`)}</span>
            </li>
          ))}
          <li className="card step">
            <a href={screen} target="_blank" rel="noreferrer" aria-describedby="before-screen">{t('preset.next.screen')}</a>
            <span id="before-screen" className="hint">{t('preset.screen')}</span>
          </li>
        </ul>
      </nav>
    </div>
  );
}
