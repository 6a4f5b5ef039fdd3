// A question that has to be answered first. The browser's own dialog keeps the focus inside and gives it back.
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type DialogProps = {
  title: string;
  children?: ReactNode;
  /** The label of what is to be done, and doing it; the dialog stays open until it is told to close. */
  action: string;
  onAction: () => void;
  onClose: () => void;
  busy?: boolean;
  danger?: boolean;
};

export function Dialog({ title, children, action, onAction, onClose, busy = false, danger = false }: DialogProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  // Before it leaves the page: a dialog that has left gives no focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (shown === null) return;
    // Browsers of before 2022 know no modal: there it stands in the page, and can still be answered.
    if (typeof shown.showModal === 'function') shown.showModal();
    else shown.setAttribute('open', '');
    return () => {
      if (shown.open && typeof shown.close === 'function') shown.close();
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="stack">
        <h2 id={titleId}><bdi>{title}</bdi></h2>
        {children}
        <div className="dialog-buttons">
          <button type="button" className="secondary" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button type="button" className={danger ? 'primary danger' : 'primary'} aria-disabled={busy} onClick={onAction}>
            {action}
          </button>
        </div>
      </div>
    </dialog>
  );
}
