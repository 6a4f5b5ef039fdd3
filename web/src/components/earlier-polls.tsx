// The way to the earlier polls of a room, below those that are known.
import { useTranslation } from 'react-i18next';

import { describeFault } from '../lib/faults';
import { useEarlierPolls } from '../lib/use-earlier-polls';

export function EarlierPolls({ code, className }: { code: string; className: string }) {
  const { t } = useTranslation();
  const { more, loading, fault, load } = useEarlierPolls(code);

  return (
    <>
      {more && (
        <button type="button" className={className} aria-disabled={loading} onClick={load}>
          {t(loading ? 'app.loading' : 'room.showEarlier')}
        </button>
      )}
      <div role="alert">{fault !== null && <p className="fault">{describeFault(fault, t)}</p>}</div>
    </>
  );
}
