// Whether a meeting is going on, how many are here, and whether they are enough.
import { MeetingFacts } from '../../components/meeting-facts';

export function PresenceLine({ code }: { code: string }) {
  return (
    <ul className="facts">
      <MeetingFacts code={code} />
    </ul>
  );
}
