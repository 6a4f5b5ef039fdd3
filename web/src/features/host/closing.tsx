// What may still change while a poll is open: when it closes, and results told to fewer than planned.
import { useState } from 'react';

import { AskOnce } from '../../components/ask-once';
import { Countdown } from '../../components/countdown';
import { Disclosure } from '../../components/disclosure';
import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import type { Poll } from '../../lib/contract';
import { formatTime } from '../../lib/format';
import { serverNowMs } from '../../lib/server-clock';
import { toInstant, toLocal } from '../../lib/zone';
import { changePoll } from './api';
import { useDesk, useKeep } from './desk-room';
import { useAct } from './use-act';
import { useZoneHint } from './use-zone-hint';
import { useDeskFaults, useFaultText, useWords } from './words';

const moreMinutes = 5;

/** The policies that tell less than one does, beginning with the next. */
const tighter = { live: ['closed', 'host'], closed: ['host'], host: [] } as const;

export function Closing({ poll }: { poll: Poll }) {
  const { t, language } = useWords();
  const { room, say } = useDesk();
  const { keepPoll } = useKeep();
  const faultText = useFaultText();
  const deskFaults = useDeskFaults();
  const zoneHint = useZoneHint();
  const [typed, setTyped] = useState<string | null>(null);
  const [skipped, setSkipped] = useState(false);

  const change = useAct(
    (change: { closes_at: string | null } | { results: Poll['results'] }) => changePoll(poll.id, change),
    ({ document }, asked) => {
      keepPoll(document);
      setTyped(null);
      const { closes_at } = document;
      if ('results' in asked) say(t('form.saved'));
      else say(closes_at ? t('desk.closesAt', { time: formatTime(closes_at, language, room.timezone) }) : t('step.byHand'));
    },
  );
  const planned = poll.closes_at === null ? null : Date.parse(poll.closes_at);
  const more = () => {
    const from = Math.max(planned ?? 0, serverNowMs());
    change.mutate({ closes_at: new Date(from + moreMinutes * 60_000).toISOString() });
  };
  const send = () => {
    const instant = toInstant(typed ?? '', room.timezone);
    setSkipped(instant === null);
    if (instant !== null) change.mutate({ closes_at: instant });
  };
  const faults = deskFaults(change.error);
  const fault = skipped ? t('form.noSuchTime') : faults.closes_at;

  return (
    <>
      <div className="steps">
        {poll.closes_at !== null && (
          <strong>
            <Countdown until={poll.closes_at} />
          </strong>
        )}
        <button type="button" className="act" onClick={more}>
          {t(planned === null ? 'step.closeIn' : 'step.more', { count: moreMinutes })}
        </button>
        {typed === null && (
          <button
            type="button"
            className="act"
            onClick={() => setTyped(toLocal(poll.closes_at ?? serverNowMs() + 30 * 60_000, room.timezone))}
          >
            {t('step.setClose')}
          </button>
        )}
        {planned !== null && (
          <button type="button" className="act" onClick={() => change.mutate({ closes_at: null })}>
            {t('step.noClose')}
          </button>
        )}
      </div>
      {typed !== null && (
        <Form className="inline-form" onSend={send}>
          <Field
            label={t('form.closes_at')}
            hint={zoneHint}
            fault={fault}
            type="datetime-local"
            // eslint-disable-next-line jsx-a11y/no-autofocus -- it was just asked for
            autoFocus
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <button type="submit" className="act main">
            {t('form.save')}
          </button>
          <button type="button" className="act" onClick={() => setTyped(null)}>
            {t('translation:app.cancel')}
          </button>
        </Form>
      )}
      {tighter[poll.results].length > 0 && (
        <Disclosure summary={t('form.results')}>
          <div className="steps">
            {tighter[poll.results].map((results) => (
              <AskOnce
                key={results}
                label={t(`step.tighten_${results}`)}
                title={t('step.tightenTitle')}
                confirm={t(`step.tighten_${results}`)}
                act={() => change.mutateAsync({ results })}
              >
                <p>{t(`form.results_${results}_hint`)}</p>
                <p>{t('step.tightenBody')}</p>
              </AskOnce>
            ))}
          </div>
        </Disclosure>
      )}
      <div role="alert">{change.error && !fault && <p className="fault">{faultText(change.error)}</p>}</div>
    </>
  );
}
