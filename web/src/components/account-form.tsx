// One thing that is changed by a form: its fields, what is wrong with them, and that it was done.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type ComponentProps, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Field } from './fields';
import { Form } from './form';
import { Refusal } from '../lib/api';
import type { ProblemCode } from '../lib/contract';
import { describeFault, wordFieldFaults } from '../lib/faults';
import { readText } from '../lib/forms';
import { useShortestPassword } from '../lib/queries';

type FieldOfForm = Omit<ComponentProps<typeof Field>, 'fault' | 'name'> & { name: string };

type AccountFormProps = {
  title: string;
  action: string;
  fields: FieldOfForm[];
  /** What is said once it is done; null where the page itself shows it. */
  done: string | null;
  /** A refusal as a whole that is about one field, in this page's words. */
  wrong?: { code: ProblemCode; field: string; text: string };
  send: (typed: Record<string, string>) => Promise<unknown>;
  children?: ReactNode;
};

export function AccountForm({ title, action, fields, done, wrong, send, children }: AccountFormProps) {
  const { t } = useTranslation();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [isDone, setDone] = useState(false);
  const { mutate, isPending, error } = useMutation({
    networkMode: 'always',
    mutationFn: send,
    onMutate: () => setDone(false),
    onSuccess: () => {
      form.current?.reset();
      setDone(true);
    },
  });
  const faults = wordFieldFaults(error, t, useShortestPassword());
  if (wrong !== undefined && error instanceof Refusal && error.problem.code === wrong.code) faults[wrong.field] = wrong.text;
  const atField = fields.some(({ name }) => name in faults);

  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLInputElement>('[aria-invalid]')?.focus();
  }, [error]);

  return (
    <section className="card stack" aria-labelledby={id}>
      <h2 id={id}><bdi>{title}</bdi></h2>
      {children}
      <Form
        ref={form}
        className="stack"
        onSend={(typed) => {
          if (!isPending) mutate(Object.fromEntries(fields.map(({ name }) => [name, readText(typed, name)])));
        }}
      >
        {fields.map((field) => (
          <Field key={field.name} fault={faults[field.name]} {...field} />
        ))}
        <div role="alert">{error && !atField && <p className="fault">{describeFault(error, t)}</p>}</div>
        <div role="status">{isDone && done !== null && <p><bdi>{done}</bdi></p>}</div>
        <button type="submit" className="secondary" aria-disabled={isPending}>
          {isPending ? t('auth.working') : action}
        </button>
      </Form>
    </section>
  );
}
