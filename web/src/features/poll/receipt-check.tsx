// Whether a ballot is in the poll's record: that of the receipt which this device keeps, by itself; and any other, asked.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Disclosure } from '../../components/disclosure';
import { Field } from '../../components/fields';
import { Form } from '../../components/form';
import type { Poll, Results } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { readText } from '../../lib/forms';
import { useSession } from '../../lib/session';
import { FindingText } from './finding';
import { findBallot, ownProofQuery } from './use-proof';

type ReceiptCheckProps = { poll: Poll; results: Results; receipt: string | null };

export function ReceiptCheck({ poll, results, receipt }: ReceiptCheckProps) {
  return (
    <>
      {receipt !== null && <OwnCheck poll={poll} results={results} receipt={receipt} />}
      <OtherCheck poll={poll} results={results} receipt={receipt} />
    </>
  );
}

function OwnCheck({ poll, results, receipt }: ReceiptCheckProps & { receipt: string }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const { data, error } = useQuery(ownProofQuery(poll, receipt, token, results.ballots));

  return (
    <div className="own-check" role="status">
      {data === undefined && error === null && <p className="hint">{t('poll.proof.checking')}</p>}
      {error !== null && <p className="hint">{t('poll.proof.notChecked', { fault: describeFault(error, t) })}</p>}
      {data && <FindingText poll={poll} results={results} finding={data} />}
    </div>
  );
}

function OtherCheck({ poll, results, receipt }: ReceiptCheckProps) {
  const { t } = useTranslation();
  const { token } = useSession();
  const { mutate, data, error, isPending, reset } = useMutation({
    networkMode: 'always',
    mutationFn: (typed: string) => findBallot(poll, typed, token),
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
          {data && <FindingText poll={poll} results={results} finding={data} />}
        </div>
      </Form>
    </Disclosure>
  );
}
