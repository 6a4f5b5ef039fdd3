// Making a poll, and changing a draft: what is typed stays typed whatever the server or another host says.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';

import { Form } from '../../components/form';
import type { Tagged } from '../../lib/api';
import type { Poll, Threshold } from '../../lib/contract';
import { changePoll, makePoll, movePoll, readPoll } from './api';
import { useDesk, useKeep } from './desk-room';
import { Meaning, useUsualVoters } from './meaning';
import { placeLink } from './place';
import { readFields, startFields, writeFields, type Eligibility, type PollFields } from './poll-fields';
import { PollFormFields } from './poll-form-fields';
import { applyPreset, readPreset } from './presets';
import { rollQuery } from './queries';
import { writeThreshold } from './threshold';
import { useSaving } from './use-saving';
import { useAct } from './use-act';
import { useTyped } from './use-typed';
import { useDeskFaults, useFaultText, useWords } from './words';

export function NewPoll() {
  const { code, token } = useDesk();
  const usual = useUsualVoters();
  const roll = useQuery(rollQuery(code, token));

  // Who may vote begins with what the roll says: without an answer the form would begin with another.
  return roll.isPending ? null : <NewPollForm usual={usual} />;
}

function NewPollForm({ usual }: { usual: Eligibility }) {
  const { t } = useWords();
  const { code, room, say } = useDesk();
  const { keepPoll } = useKeep();
  const navigate = useNavigate();
  const faultText = useFaultText();
  const preset = readPreset(useSearchParams()[0].get('preset'));
  const [fields, setFields, forget] = useTyped<PollFields>(`${code}.poll${preset === null ? '' : `.${preset}`}`, () =>
    preset === null ? startFields(usual) : applyPreset(startFields(usual), preset, usual),
  );
  const [skipped, setSkipped] = useState<string[]>([]);

  const make = useAct(
    async ({ body, opens }: { body: object; opens: boolean }) => {
      const made = await makePoll(code, body);
      if (!opens) return { poll: made, fault: null };
      // The draft is kept where it can't be opened: what was typed is not asked for again.
      return movePoll(made.id, 'open').then(
        (poll) => ({ poll, fault: null }),
        (fault: unknown) => ({ poll: made, fault }),
      );
    },
    ({ poll, fault }) => {
      forget();
      keepPoll(poll);
      const said = fault !== null ? faultText(fault) : t(poll.state === 'draft' ? 'form.made' : 'step.done_open');
      say(said, { there: true, of: poll });
      void navigate(placeLink('poll', poll.id));
    },
  );
  const send = (opens: boolean) => {
    const { body, skipped: times } = writeFields(fields, room.timezone);
    setSkipped(times);
    if (times.length === 0) make.mutate({ body, opens });
  };

  return (
    <PollForm
      title={t('desk.newPoll')}
      fields={fields}
      onFields={setFields}
      onSend={() => send(false)}
      starts
      onOpen={fields.opens_at === '' ? () => send(true) : undefined}
      usual={usual}
      fault={make.error}
      skipped={skipped}
      busy={make.isPending}
      action={t('form.make')}
      back={placeLink('polls')}
      onBack={forget}
    />
  );
}

export function EditPoll({ pollId }: { pollId: number }) {
  const { t } = useWords();
  const faultText = useFaultText();
  const read = useQuery({ queryKey: ['edit', pollId], queryFn: () => readPoll(pollId), gcTime: 0, staleTime: Infinity });

  if (read.error) return <p className="fault">{faultText(read.error)}</p>;
  if (read.data === undefined) return null;
  if (read.data.document.state !== 'draft') return <p className="card">{t('form.frozen')}</p>;
  return <EditPollForm start={read.data} />;
}

function EditPollForm({ start }: { start: Tagged<Poll> }) {
  const { t } = useWords();
  const { code, room, say } = useDesk();
  const { keepPoll } = useKeep();
  const navigate = useNavigate();
  const pollId = start.document.id;
  const back = placeLink('poll', pollId);
  const usual = useUsualVoters();

  const saving = useSaving<Poll, PollFields>({
    key: `${code}.poll.${pollId}`,
    start,
    toFields: (poll) => readFields(poll, room.timezone),
    toBody: (fields, members) => writeFields(fields, room.timezone, members),
    read: () => readPoll(pollId),
    change: (body, etag) => changePoll(pollId, body, etag),
    done: (poll) => {
      keepPoll(poll);
      say(t('form.saved'), { there: true });
      void navigate(back);
    },
  });

  return (
    <PollForm
      title={t('form.editTitle')}
      fields={saving.fields}
      onFields={saving.setFields}
      onSend={saving.send}
      usual={usual}
      fault={saving.fault}
      skipped={saving.skipped}
      clashes={saving.clashes?.map((member) => t(`form.${member}`))}
      busy={saving.busy}
      action={t('form.save')}
      back={back}
      onBack={saving.forget}
    />
  );
}

type PollFormProps = {
  title: string;
  fields: PollFields;
  onFields: (fields: PollFields) => void;
  /** Whether the poll is being begun. */
  starts?: boolean;
  onSend: () => void;
  /** Saves it and opens it at once; undefined where the poll is not being begun, or opens by the clock. */
  onOpen?: (() => void) | undefined;
  usual: Eligibility;
  fault: unknown;
  skipped: string[];
  clashes?: string[] | undefined;
  busy: boolean;
  action: string;
  back: string;
  onBack: () => void;
};

function PollForm(props: PollFormProps) {
  const { title, fields, onFields, starts = false, onSend, onOpen, usual, fault, skipped, clashes, busy, action, back, onBack } = props;
  const { t } = useWords();
  const faultText = useFaultText();
  const deskFaults = useDeskFaults();
  const form = useRef<HTMLFormElement>(null);
  const times = Object.fromEntries(skipped.map((member) => [member, t('form.noSuchTime')]));
  const faults = { ...deskFaults(fault), ...times };
  const threshold = writeThreshold(fields.threshold) as Threshold | null;

  useEffect(() => {
    if (fault !== null || skipped.length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [fault, skipped]);

  return (
    <Form ref={form} className="poll-form" onSend={() => !busy && onSend()}>
      <h2><bdi>{title}</bdi></h2>
      <div className="poll-form-columns">
        <PollFormFields fields={fields} onFields={onFields} faults={faults} usual={usual} starts={starts} />
        <aside className="poll-form-meaning card stack" aria-labelledby="meaning-title">
          <h3 id="meaning-title">{t('meaning.title')}</h3>
          <Meaning poll={{ ...fields, threshold }} />
        </aside>
      </div>
      <div className="form-foot">
        <ChangedMeanwhile clashes={clashes} />
        <div role="alert">
          {fault !== null && clashes === undefined && (
            <p className="fault">{Object.keys(faults).length > 0 ? t('form.lookAbove') : faultText(fault)}</p>
          )}
        </div>
        <div className="steps">
          {onOpen && (
            <button type="button" className="act main" aria-disabled={busy} onClick={() => !busy && onOpen()}>
              {t('form.openNow')}
            </button>
          )}
          <button type="submit" className={onOpen ? 'act' : 'act main'} aria-disabled={busy}>
            {action}
          </button>
          <Link className="act" to={back} onClick={onBack}>
            {t('form.discard')}
          </Link>
        </div>
      </div>
    </Form>
  );
}

/** Told after another host was quicker: their changes have come in, and nothing that was typed here is gone. */
export function ChangedMeanwhile({ clashes }: { clashes: string[] | undefined }) {
  const { t } = useWords();

  return (
    <div role="alert">
      {clashes !== undefined && (
        <div className="notice-line">
          <p>{t('form.changedMeanwhile')}</p>
          {clashes.length > 0 && <p>{t('form.clashes', { members: clashes.join(', ') })}</p>}
        </div>
      )}
    </div>
  );
}
