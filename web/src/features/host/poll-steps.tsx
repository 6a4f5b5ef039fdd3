// The steps that a poll can take from where it is. What cannot be undone asks once.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';

import { AskOnce } from '../../components/ask-once';
import { Area } from '../../components/fields';
import { askFile } from '../../lib/api';
import type { Poll, ShownState, Results } from '../../lib/contract';
import { pollsQuery, presenceQuery } from '../../lib/queries';
import { listDrafts } from './agenda';
import { changePoll, changeRoom, deletePoll, makePoll, movePoll, voidPoll } from './api';
import { useDesk, useKeep } from './desk-room';
import { placeLink } from './place';
import { readFields, writeFields } from './poll-fields';
import { planRunOff } from './run-off';
import { saveFile } from '../../lib/save-file';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

type StepsProps = { poll: Poll; state: ShownState; results: Results | undefined };

export function PollSteps({ poll, state, results }: StepsProps) {
  const { t } = useWords();
  const { code, room, say } = useDesk();
  const { keepPoll, keepRoom, dropPoll } = useKeep();
  const faultText = useFaultText();
  const navigate = useNavigate();

  const move = useAct(
    (step: 'open' | 'pause' | 'close' | 'publish') => movePoll(poll.id, step),
    (told, step) => {
      keepPoll(told);
      say(t(`step.done_${step}`), { of: told });
    },
  );
  const show = useAct(
    () => changeRoom(code, { current_poll: poll.id }),
    ({ document }) => {
      keepRoom(document);
      say(t('step.done_show'));
    },
  );
  const save = useAct(async (kind: 'record' | 'results.csv' | 'results.xlsx') => {
    const name = kind === 'record' ? `record-${poll.id}.json` : kind.replace('.', `-${poll.id}.`);
    saveFile(await askFile(`/polls/${poll.id}/${kind}`), name);
  });
  const drop = async () => {
    await deletePoll(poll.id);
    dropPoll(poll.id);
    say(t('step.done_delete'), { there: true });
    void navigate(placeLink('polls'));
  };
  const end = async (fields: FormData) => {
    const reason = fields.get('reason');
    const told = await voidPoll(poll.id, typeof reason === 'string' ? reason : '');
    keepPoll(told);
    say(t('step.done_void'), { of: told });
  };
  const again = useFollow(poll);
  const copy = useDuplicate(poll);
  const next = listDrafts(useQuery(pollsQuery(code)).data ?? []).find(({ id }) => id !== poll.id);
  const runOff = planRunOff(poll, results);
  const fault = [move, show, save, copy].find((act) => act.error)?.error;
  const votes = results?.ballots ?? 0;

  return (
    <>
      <div className="steps">
        {state === 'draft' && (
          <>
            <AskOnce
              label={t('step.open')}
              className="act main"
              title={t('step.openTitle')}
              confirm={t('step.open')}
              act={() => move.mutateAsync('open')}
            >
              <OpeningFacts poll={poll} />
            </AskOnce>
            <Link className="act" to={placeLink('edit', poll.id)}>
              {t('step.edit')}
            </Link>
            <AskOnce label={t('step.delete')} title={t('step.deleteTitle')} confirm={t('step.delete')} danger act={drop}>
              <p>{t('step.deleteBody', { title: poll.title })}</p>
            </AskOnce>
          </>
        )}
        {state === 'open' && (
          <button type="button" className="act" onClick={() => move.mutate('pause')}>
            {t('step.pause')}
          </button>
        )}
        {state === 'paused' && (
          <button type="button" className="act main" onClick={() => move.mutate('open')}>
            {t('step.resume')}
          </button>
        )}
        {(state === 'open' || state === 'paused') && (
          <AskOnce
            label={t('step.close')}
            className={state === 'open' ? 'act main' : 'act'}
            title={t('step.closeTitle')}
            confirm={t('step.close')}
            act={() => move.mutateAsync('close')}
          >
            <p>{t('step.closeBody', { count: votes })}</p>
          </AskOnce>
        )}
        {state === 'closed' && poll.results === 'host' && !poll.published && (
          <AskOnce
            label={t('step.publish')}
            className="act main"
            title={t('step.publishTitle')}
            confirm={t('step.publish')}
            act={() => move.mutateAsync('publish')}
          >
            <p>{t('step.publishBody')}</p>
          </AskOnce>
        )}
        {runOff && (
          <button type="button" className="act main" onClick={() => again.mutate(runOff)}>
            {t('step.runOff', { count: runOff.candidates.length })}
          </button>
        )}
        {(state === 'closed' || state === 'void') && next && (
          <Link className={runOff ? 'act' : 'act main'} to={placeLink('poll', next.id)}>
            {t('step.next', { title: next.title })}
          </Link>
        )}
        {(state === 'closed' || state === 'void') && (
          <button type="button" className="act" onClick={() => again.mutate(null)}>
            {t('step.again')}
          </button>
        )}
        <button type="button" className="act" aria-disabled={copy.isPending} onClick={() => !copy.isPending && copy.mutate()}>
          {t('step.duplicate')}
        </button>
        {state !== 'draft' && poll.id !== room.current_poll && (
          <button type="button" className="act" onClick={() => show.mutate()}>
            {t('step.show')}
          </button>
        )}
        {state === 'closed' && (
          <>
            <Link className="act" to={placeLink('minutes', poll.id)}>
              {t('step.minutes')}
            </Link>
            <button type="button" className="act" onClick={() => save.mutate('record')}>
              {t('step.record')}
            </button>
            <button type="button" className="act" onClick={() => save.mutate('results.csv')}>
              {t('step.csv')}
            </button>
            <button type="button" className="act" onClick={() => save.mutate('results.xlsx')}>
              {t('step.xlsx')}
            </button>
          </>
        )}
        {state !== 'draft' && state !== 'void' && (
          <AskOnce label={t('step.void')} title={t('step.voidTitle')} confirm={t('step.void')} danger act={end}>
            <p>{t('step.voidBody', { count: votes })}</p>
            <Area label={t('step.reason')} hint={t('step.reasonHint')} name="reason" maxLength={500} rows={2} />
          </AskOnce>
        )}
      </div>
      <div role="alert">
        {(fault ?? again.error) && <p className="fault">{faultText(fault ?? again.error)}</p>}
      </div>
    </>
  );
}

/** Makes the draft that follows a poll, with all its candidates or those of a run-off, and goes there. */
function useFollow(poll: Poll) {
  const { t } = useWords();
  const { code, say } = useDesk();
  const { keepPoll } = useKeep();
  const navigate = useNavigate();

  return useAct(
    async (runOff: { candidates: number[]; seats: number } | null) => {
      const made = await makePoll(code, { copy_of: poll.id, ...(runOff && { candidates: runOff.candidates }) });
      const title = t(runOff ? 'step.runOffName' : 'step.againName', { title: poll.title }).slice(0, 200);
      // The copy's rules are the first one's: its name and seats are what differs, and may be changed once more before it opens.
      const changes = { title, ...(runOff && { seats: runOff.seats }) };
      try {
        return (await changePoll(made.id, changes)).document;
      } catch {
        return made;
      }
    },
    (made) => {
      keepPoll(made);
      say(t('step.done_again'), { there: true });
      void navigate(placeLink('poll', made.id));
    },
  );
}

/** Makes a draft with the same question, candidates and rules, which follows no other poll, and goes to change it. */
function useDuplicate(poll: Poll) {
  const { t } = useWords();
  const { code, room, say } = useDesk();
  const { keepPoll } = useKeep();
  const navigate = useNavigate();

  return useAct(
    () => {
      const title = t('step.duplicateName', { title: poll.title }).slice(0, 200);
      // Its times are over, or the first one's.
      const fields = { ...readFields(poll, room.timezone), title, opens_at: '', closes_at: '' };
      return makePoll(code, writeFields(fields, room.timezone).body);
    },
    (made) => {
      keepPoll(made);
      say(t('step.done_duplicate'), { there: true });
      void navigate(placeLink('edit', made.id));
    },
  );
}

/** What a host looks at once more before the rules are fixed. */
function OpeningFacts({ poll }: { poll: Poll }) {
  const { t } = useWords();
  const { code, room } = useDesk();
  const presence = useQuery(presenceQuery(code)).data;
  const quorum = presence?.quorum;

  return (
    <>
      <p>{t('step.openBody')}</p>
      <ul className="bullets">
        <li>{t(`meaning.secrecy_${poll.secrecy}`)}</li>
        <li>{t(`meaning.eligibility_${poll.eligibility}`)}</li>
        {quorum?.required != null && (
          <li>
            {t(room.meeting === null ? 'step.quorumBegins' : quorum.met ? 'step.quorumMet' : 'step.quorumUnmet', {
              online: presence?.online,
              present: quorum.present,
              required: quorum.required,
            })}
          </li>
        )}
        {quorum?.required != null && room.quorum_rule === 'require' && <li>{t('step.quorumRequired')}</li>}
      </ul>
    </>
  );
}
