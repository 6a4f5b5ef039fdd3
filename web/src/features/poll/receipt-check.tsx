// Looks for a receipt in the poll's public record: whether that ballot was counted, and as what.
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Disclosure } from '../../components/disclosure';
import { Field } from '../../components/field';
import { Form } from '../../components/form';
import { ask } from '../../lib/api';
import type { Poll } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { readText } from '../../lib/forms';
import { useSession } from '../../lib/session';
import { readMarks } from './marks';
import { MarksList } from './marks-list';

export function ReceiptCheck({ poll, receipt }: { poll: Poll; receipt: string | null }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const { mutate, data, error, isPending, reset } = useMutation({
    networkMode: 'always',
    mutationFn: async (typed: string) => {
      const record = await ask('GET', `/polls/${poll.id}/record`, { token });
      const found = record.ballots.find((ballot) => ballot.receipt === typed);
      return { total: record.ballots.length, marks: found === undefined ? null : readMarks(poll, found) };
    },
  });

  return (
    <Disclosure summary={t('poll.check')}>
      <Form
        className="stack"
        onSend={(fields) => !isPending && mutate(readText(fields, 'receipt').trim().toLowerCase())}
      >
        <Field
          label={t('poll.receipt')}
          name="receipt"
          className="receipt-input"
          defaultValue={receipt ?? ''}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          // What was found is of the number that was looked for.
          onChange={reset}
        />
        <button type="submit" className="secondary" aria-disabled={isPending}>
          {t('poll.checkNow')}
        </button>
        <div role="status">
          {error && <p className="fault">{describeFault(error, t)}</p>}
          {data?.marks === null && <p className="fault">{t('poll.notFound', { count: data.total })}</p>}
          {data?.marks && (
            <>
              <p className="done">{t('poll.found', { count: data.total })}</p>
              <MarksList poll={poll} marks={data.marks} />
            </>
          )}
        </div>
      </Form>
    </Disclosure>
  );
}
