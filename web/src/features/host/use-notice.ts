// The one notice of a desk, which follows where one is and how the polls stand.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'react-router';

import { currentState } from '../../lib/merge';
import { pollsQuery, resultsQuery } from '../../lib/queries';
import { followNotice, readNotice, type Notice, type NoticeOptions } from './notice';

export function useNotice(code: string): [string, (text: string, options?: NoticeOptions) => void] {
  const { key } = useLocation();
  const [kept, setKept] = useState<Notice | null>(null);
  const notice = followNotice(kept, key);
  if (notice !== kept) setKept(notice);

  const poll = useQuery(pollsQuery(code)).data?.find(({ id }) => id === notice?.of?.id);
  const results = useQuery(resultsQuery(poll?.id ?? 0)).data;
  const text = readNotice(notice, () => poll && currentState(poll, results));

  return [text, (said, options) => setKept({ ...options, text: said, at: key })];
}
