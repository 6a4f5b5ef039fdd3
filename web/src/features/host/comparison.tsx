// A count of the same ballots by the other rule. It decides nothing, and says so.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Disclosure } from '../../components/disclosure';
import { Rounds } from '../../components/rounds';
import type { Poll, Tally } from '../../lib/contract';
import { listNames } from '../../lib/isolate';
import { useDesk } from './desk-room';
import { recountQuery } from './queries';
import { useFaultText, useWords } from './words';

export function Comparison({ poll, tally }: { poll: Poll; tally: Tally[] }) {
  const { t } = useWords();
  const { token } = useDesk();
  const faultText = useFaultText();
  const [asked, setAsked] = useState(false);
  const rule = poll.rule === 'schulze' ? 'irv' : 'schulze';
  const { data, error } = useQuery({ ...recountQuery(poll.id, rule, token), enabled: asked });
  const named = (ids: number[]) => listNames(tally.filter(({ candidate }) => ids.includes(candidate)).map(({ name }) => name));

  return (
    <Disclosure summary={t('comparison.title', { rule: t(`form.rule_${rule}`) })} onToggle={setAsked}>
      <p className="hint">{t('comparison.hint', { rule: t(`form.rule_${poll.rule ?? 'irv'}`) })}</p>
      <div role="status">
        {error && <p className="fault">{faultText(error)}</p>}
        {asked && !data && !error && <p>{t('translation:app.loading')}</p>}
        {data && (
          <ul>
            {data.winners.length > 0 && <li>{t('comparison.first', { names: named(data.winners) })}</li>}
            {data.tied.length > 0 && <li>{t('comparison.tied', { names: named(data.tied) })}</li>}
            {data.winners.length + data.tied.length === 0 && <li>{t('comparison.nobody')}</li>}
          </ul>
        )}
      </div>
      {data?.rounds && <Rounds rounds={data.rounds} tally={tally} />}
    </Disclosure>
  );
}
