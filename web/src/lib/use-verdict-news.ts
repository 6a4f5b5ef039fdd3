// Says what a poll has come to when that comes while one looks on, once.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { announce } from './announcing';
import type { Results } from './contract';
import { isNewVerdict, joinSentences, wordQuorum, wordVerdict } from './verdicts';

export function useVerdictNews(results: Results | undefined): void {
  const { t } = useTranslation();
  const before = useRef(results?.verdict);

  useEffect(() => {
    if (results && isNewVerdict(before.current, results.verdict)) {
      announce(joinSentences([...wordVerdict(t, results), wordQuorum(t, results)]));
    }
    before.current = results?.verdict;
  }, [results, t]);
}
