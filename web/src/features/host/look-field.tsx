// How the room looks: its colour, as it will be read on light and dark ground, and its logo.
import { useId } from 'react';

import { tonesOf, type Tone } from '../../lib/tones';
import { PictureInput } from './picture-input';
import type { RoomFields } from './room-fields';
import { useWords } from './words';

type LookFieldProps = { fields: RoomFields; onFields: (fields: RoomFields) => void; faults: Record<string, string> };

/** The pages' own: what the field begins with. */
const usual = '#0b6358';

export function LookField({ fields, onFields, faults }: LookFieldProps) {
  const { t } = useWords();
  const id = useId();
  const { colour, logo } = fields;
  const put = (change: Partial<RoomFields>) => onFields({ ...fields, ...change });

  return (
    <fieldset className="stack">
      <legend>{t('setting.look')}</legend>
      <div className="look-field">
        <label htmlFor={id}>{t('setting.colour')}</label>
        <input
          id={id}
          type="color"
          value={colour ?? usual}
          aria-describedby={`${id}-hint`}
          aria-invalid={faults.colour === undefined ? undefined : true}
          onChange={(event) => put({ colour: event.target.value })}
        />
        {colour !== null && (
          <button type="button" className="act" onClick={() => put({ colour: null })}>
            {t('setting.noColour')}
          </button>
        )}
        <Samples colour={colour ?? usual} />
      </div>
      <p id={`${id}-hint`} className="hint">{t('setting.colour_hint')}</p>
      {faults.colour !== undefined && <p className="fault"><bdi>{faults.colour}</bdi></p>}
      <PictureInput
        shown={logo === null ? null : <img className="candidate-picture" src={`/pictures/${logo}`} alt={t('setting.logo')} width={320} height={320} />}
        label={t('setting.logo')}
        remove={t('setting.noLogo')}
        fault={faults.logo}
        whole
        onPicture={(picture) => put({ logo: picture })}
      />
      <p className="hint">{t('setting.logo_hint')}</p>
    </fieldset>
  );
}

function Samples({ colour }: { colour: string }) {
  const { t } = useWords();
  const { light, dark } = tonesOf(colour);
  const styleOf = ({ accent, ink }: Tone) => ({ background: accent, color: ink });

  return (
    <>
      <span className="look-sample" style={styleOf(light)}>{t('translation:screen.light')}</span>
      <span className="look-sample" style={styleOf(dark)}>{t('translation:screen.dark')}</span>
    </>
  );
}
