// A button whose act cannot be undone: it asks once, names what is lost, and says what was refused where it was asked.
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { describeFault } from '../lib/faults';
import { Dialog } from './dialog';
import { Form } from './form';

type AskOnceProps = {
  label: string;
  className?: string;
  title: string;
  /** What will happen, and the fields that it needs. */
  children?: ReactNode;
  confirm: string;
  danger?: boolean;
  act: (fields: FormData) => Promise<unknown>;
};

export function AskOnce({ label, className = 'act', title, children, confirm, danger = false, act }: AskOnceProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const formId = useId();

  const go = async (fields: FormData) => {
    if (busy) return;
    setBusy(true);
    setFault(null);
    try {
      await act(fields);
      setAsking(false);
    } catch (refused) {
      setFault(refused);
    } finally {
      setBusy(false);
    }
  };

  const stop = () => {
    setAsking(false);
    setFault(null);
  };

  return (
    <>
      <button type="button" className={danger ? `${className} warns` : className} onClick={() => setAsking(true)}>
        {label}
      </button>
      {asking && (
        <Dialog
          title={title}
          action={confirm}
          onAction={() => document.querySelector<HTMLFormElement>(`#${CSS.escape(formId)}`)?.requestSubmit()}
          onClose={stop}
          busy={busy}
          danger={danger}
        >
          <Form id={formId} className="stack" onSend={(fields) => void go(fields)}>
            {children}
            <div role="alert">{fault !== null && <p className="fault">{describeFault(fault, t)}</p>}</div>
          </Form>
        </Dialog>
      )}
    </>
  );
}
