// A link for the computer at the hall's projector: it opens the screen for a week, and nothing else.
import { useState } from 'react';

import { AskOnce } from '../../components/ask-once';
import { formatTime } from '../../lib/format';
import { endScreens, makeScreenToken } from './api';
import { useDesk } from './desk-room';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

export function ScreenLink() {
  const { t, language } = useWords();
  const { code, room, say } = useDesk();
  const faultText = useFaultText();
  const [ended, setEnded] = useState(false);
  const make = useAct(
    () => makeScreenToken(code),
    () => {
      setEnded(false);
      say(''); // that they were ended holds no longer
    },
  );
  const plain = `${window.location.origin}/r/${code}/screen`;
  const isPublic = room.visibility !== 'members';
  const made = ended ? undefined : make.data;
  const end = async () => {
    await endScreens(code);
    setEnded(true);
    say(t('setting.screenEnded'));
  };

  return (
    <section className="card stack" aria-labelledby="screen-link">
      <h3 id="screen-link">{t('setting.screen')}</h3>
      <p>{t(isPublic ? 'setting.screenPublic' : 'setting.screenMembers')}</p>
      {(isPublic || made) && (
        <p className="address">
          {/* The token stands behind the #: no server and no log ever sees it. */}
          <code translate="no">{made ? `${plain}#token=${made.token}` : plain}</code>
        </p>
      )}
      {made && <p className="hint">{t('setting.screenUntil', { time: formatTime(made.expires_at, language, room.timezone) })}</p>}
      <div className="steps">
        {!isPublic && (
          <button type="button" className="act" onClick={() => make.mutate()}>
            {t('setting.screenMake')}
          </button>
        )}
        {!isPublic && (
          <AskOnce label={t('setting.screenEnd')} title={t('setting.screenEndTitle')} confirm={t('setting.screenEnd')} danger act={end}>
            <p>{t('setting.screenEndBody')}</p>
          </AskOnce>
        )}
      </div>
      <div role="alert">{make.error && <p className="fault">{faultText(make.error)}</p>}</div>
    </section>
  );
}
