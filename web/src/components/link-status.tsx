// Says that the connection is lost, and nothing while it stands.
import type { Link } from '../lib/follow-room';

export function LinkStatus({ link, children }: { link: Link; children: string }) {
  return (
    <div role="status" className="link-status">
      {link === 'lost' && <p>{children}</p>}
    </div>
  );
}
