// Switches sounds on and off at this device. Where its owner asks for calm there are none to switch.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { isCalm, isSoundOn, switchSound } from '../lib/sound';
import { Toggle } from './toggle';

export function SoundSwitch() {
  const { t } = useTranslation();
  const [on, setOn] = useState(isSoundOn);
  if (isCalm()) return null;

  const change = (wished: boolean) => {
    switchSound(wished, 'receipt');
    setOn(wished);
  };
  return <Toggle label={t('room.sound')} hint={t('room.soundHint')} checked={on} onChange={change} />;
}
