// Saving a form that another host may be changing too: sent with If-Match, merged where it came too late, never lost.
import { useState } from 'react';

import { Refusal, type Tagged } from '../../lib/api';
import { findChanged, mergeTyped } from './merge-typed';
import { useAct } from './use-act';
import { useTyped } from './use-typed';

type Saving<D, F extends object> = {
  key: string;
  start: Tagged<D>;
  toFields: (document: D) => F;
  toBody: (fields: F, members: readonly (keyof F)[]) => { body: object; skipped: string[] };
  read: () => Promise<Tagged<D>>;
  change: (body: object, etag: string) => Promise<Tagged<D>>;
  done: (document: D) => void;
};

type Typed<F> = { base: F; fields: F; etag: string };

export function useSaving<D, F extends object>(form: Saving<D, F>) {
  const begin = ({ document, etag }: Tagged<D>): Typed<F> => {
    const base = form.toFields(document);
    return { base, fields: base, etag };
  };
  const [typed, setTyped, forget] = useTyped<Typed<F>>(form.key, () => begin(form.start));
  const [skipped, setSkipped] = useState<string[]>([]);
  /** What both have changed to different things; undefined while nobody was quicker. */
  const [clashes, setClashes] = useState<(keyof F)[]>();

  const save = useAct(
    async ({ base, fields, etag }: Typed<F>): Promise<Tagged<D> | null> => {
      const { body } = form.toBody(fields, findChanged(base, fields));
      try {
        return await form.change(body, etag);
      } catch (fault) {
        if (!(fault instanceof Refusal) || fault.problem.code !== 'stale') throw fault;
        const theirs = await form.read();
        const told = mergeTyped(base, fields, form.toFields(theirs.document));
        setTyped({ base: form.toFields(theirs.document), fields: told.merged, etag: theirs.etag });
        setClashes(told.clashes);
        return null;
      }
    },
    (saved) => {
      if (saved === null) return;
      forget();
      setClashes(undefined);
      form.done(saved.document);
    },
  );

  const send = () => {
    if (save.isPending) return;
    const { skipped: times } = form.toBody(typed.fields, findChanged(typed.base, typed.fields));
    setSkipped(times);
    if (times.length === 0) save.mutate(typed);
  };

  return {
    fields: typed.fields,
    setFields: (fields: F) => setTyped({ ...typed, fields }),
    /** Begins again from what was saved. */
    restart: (from: Tagged<D>) => setTyped(begin(from)),
    send,
    skipped,
    clashes,
    fault: save.error,
    busy: save.isPending,
    forget,
  };
}
