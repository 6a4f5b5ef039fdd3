// Decides what the wall shows of the poll that the host points it at.
import type { Poll, Results } from '../../lib/contract';
import { currentState } from '../../lib/merge';

/**
 * `waiting`: no poll is pointed at. `void`: its reason alone. `hidden`: turnout alone, before and after the close.
 * `rounds`: an instant run-off, round by round. `tally`: the bars.
 */
export type Scene = 'waiting' | 'void' | 'loading' | 'hidden' | 'rounds' | 'tally';

export function chooseScene(poll: Poll | undefined, results: Results | undefined): Scene {
  if (poll === undefined) return 'waiting';
  if (currentState(poll, results) === 'void') return 'void';
  if (results === undefined) return 'loading';
  if (results.tally === null) return 'hidden';
  return results.rounds !== null && results.rounds.length > 0 ? 'rounds' : 'tally';
}
