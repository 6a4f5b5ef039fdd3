// Who a candidate is, on a ballot: picture, name and description.
import { CandidatePicture } from './candidate-picture';

type Shown = { name: string; description: string; picture: string | null };

export function CandidateName({ candidate, name = candidate.name }: { candidate: Shown; name?: string }) {
  return (
    <span className="candidate-name" data-pictured={candidate.picture !== null}>
      <CandidatePicture candidate={candidate} />
      <span>
        <span className="choice-name"><bdi>{name}</bdi></span>
        {candidate.description && <span className="hint"><bdi>{candidate.description}</bdi></span>}
      </span>
    </span>
  );
}
