// The lines of the conversation: what was said, and between it who came and went, folded into one line. Pure.
import type { Message, SystemNote } from '../../lib/contract';

/** Somebody is named once, by what they did last; `online` is how many there were after it. */
export type Moves = { id: number; came: string[]; went: string[]; online: number };
export type Line = { message: Message } | { moves: Moves };

type Note = Message & { system: SystemNote };
const isNote = (message: Message): message is Note => message.system !== null;

export function foldLines(messages: readonly Message[]): Line[] {
  const lines: Line[] = [];
  let run: Note[] = [];
  const endRun = () => {
    if (run.length > 0) lines.push({ moves: foldRun(run) });
    run = [];
  };
  for (const message of messages) {
    if (isNote(message)) {
      run.push(message);
    } else {
      endRun();
      lines.push({ message });
    }
  }
  endRun();
  return lines;
}

function foldRun(run: Note[]): Moves {
  const last = new Map<string, SystemNote>();
  for (const { author, system } of run) {
    last.delete(author.id);
    last.set(author.id, system);
  }
  const namesOf = (code: SystemNote['code']) => [...last.values()].filter((note) => note.code === code).map(({ name }) => name);
  return { id: run[0]?.id ?? 0, came: namesOf('arrived'), went: namesOf('left'), online: run.at(-1)?.system.online ?? 0 };
}
