// What a check of a receipt has found, what was checked for it on this device, and what was not.
import { useTranslation } from 'react-i18next';

import { Disclosure } from '../../components/disclosure';
import type { Poll, Results } from '../../lib/contract';
import { MarksList } from './marks-list';
import type { Finding } from './use-proof';

export function FindingText({ poll, results, finding }: { poll: Poll; results: Results; finding: Finding }) {
  const { t } = useTranslation();
  const count = results.ballots;
  if (finding.kind === 'absent') return <p className="fault">{t('poll.notFound', { count })}</p>;
  if (finding.kind === 'broken') return <p className="fault">{t('poll.proof.broken')}</p>;
  const wrong = finding.kind === 'proved' && results.digest !== null && results.digest !== finding.root;
  if (wrong) return <p className="fault">{t('poll.proof.otherDigest')}</p>;

  return (
    <>
      <p className="done">{t(finding.kind === 'proved' ? 'poll.proof.holds' : 'poll.found', { count })}</p>
      {finding.marks && <MarksList poll={poll} marks={finding.marks} />}
      <Disclosure summary={t('poll.proof.what')}>
        <h4>{t('poll.proof.checked')}</h4>
        {finding.kind === 'proved' ? (
          <ul>
            <li>{t('poll.proof.checkedPath', { count: finding.steps })}</li>
            <li>
              {t(results.digest === null ? 'poll.proof.noDigest' : 'poll.proof.sameDigest')}
              {results.digest === null && <code translate="no">{finding.root}</code>}
            </li>
          </ul>
        ) : (
          <p>{t('poll.proof.checkedList')}</p>
        )}
        <h4>{t('poll.proof.unchecked')}</h4>
        <ul>
          <li>{t('poll.proof.uncheckedOthers')}</li>
          <li>{t('poll.proof.uncheckedCount')}</li>
          <li>{t('poll.proof.uncheckedPage')}</li>
        </ul>
      </Disclosure>
    </>
  );
}
