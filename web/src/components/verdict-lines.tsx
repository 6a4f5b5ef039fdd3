// What the close decided, and the quorum beside it.
import { useTranslation } from 'react-i18next';

import type { Results } from '../lib/contract';
import { isTriumph, missesQuorum, wordQuorum, wordVerdict } from '../lib/verdicts';

/** The badge on a row says already who was elected, so that alone has no sentence here. */
export function VerdictLines({ results }: { results: Results }) {
  const { t } = useTranslation();
  const [first, ...rest] = results.verdict === 'elected' ? [] : wordVerdict(t, results);
  const quorum = wordQuorum(t, results);
  if (first === undefined && quorum === null) return null;

  return (
    <div className="verdict" data-verdict={results.verdict} data-triumph={isTriumph(results)}>
      {first !== undefined && (
        <p>
          <strong><bdi>{first}</bdi></strong> {rest.join(' ')}
        </p>
      )}
      {quorum !== null && (
        <p className="verdict-quorum" data-missed={missesQuorum(results)}>
          <bdi>{quorum}</bdi>
        </p>
      )}
    </div>
  );
}
