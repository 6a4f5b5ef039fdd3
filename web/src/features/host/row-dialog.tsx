// One row of the roll, new or changed, in a dialog.
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';

import { Dialog } from '../../components/dialog';
import { Field, Pick } from '../../components/fields';
import { Form } from '../../components/form';
import type { Row } from '../../lib/contract';
import { addRow, changeRow } from './api';
import { useDesk } from './desk-room';
import { rollQuery } from './queries';
import { useAct } from './use-act';
import { useDeskFaults, useFaultText, useWords } from './words';

export function RowButton({ label, row }: { label: string; row?: Row }) {
  const [shown, setShown] = useState(false);

  return (
    <>
      <button type="button" className="act" onClick={() => setShown(true)}>
        {label}
      </button>
      {shown && <RowDialog row={row} onClose={() => setShown(false)} />}
    </>
  );
}

type Typed = { name: string; ref: string; email: string; role: Row['role'] };

function RowDialog({ row, onClose }: { row: Row | undefined; onClose: () => void }) {
  const { t } = useWords();
  const { code, token, say } = useDesk();
  const cache = useQueryClient();
  const faultText = useFaultText();
  const deskFaults = useDeskFaults();
  const formId = useId();
  const [typed, setTyped] = useState<Typed>({
    name: row?.name ?? '',
    ref: row?.ref ?? '',
    email: row?.email ?? '',
    role: row?.role ?? 'voter',
  });

  const save = useAct(
    async () => {
      const fields = { ...typed, ref: typed.ref.trim() || null, email: typed.email.trim() || null };
      if (row) await changeRow(code, row.id, fields);
      else await addRow(code, fields);
    },
    () => {
      say(t('roll.saved', { name: typed.name }));
      void cache.invalidateQueries(rollQuery(code, token));
      onClose();
    },
  );
  // A new row is sent as a list of one, and its faults are told as such.
  const told = Object.entries(deskFaults(save.error));
  const faults = Object.fromEntries(told.map(([field, fault]) => [field.replace(/^rows\.0\.?/, ''), fault]));
  const atField = ['name', 'ref', 'email', 'role'].some((member) => member in faults);
  const text = (member: 'name' | 'ref' | 'email') => ({
    label: t(`roll.${member}`),
    fault: faults[member],
    value: typed[member],
    autoComplete: 'off',
    onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [member]: event.target.value }),
  });
  const send = () => {
    if (!save.isPending) save.mutate();
  };

  return (
    <Dialog
      title={row ? t('roll.editTitle', { name: row.name }) : t('roll.add')}
      action={t('form.save')}
      onAction={send}
      onClose={onClose}
      busy={save.isPending}
    >
      <Form id={formId} className="stack" onSend={send}>
        <Field {...text('name')} />
        <Field {...text('ref')} />
        <Field {...text('email')} type="email" hint={t('roll.emailHint')} />
        <Pick
          label={t('roll.role')}
          fault={faults.role}
          value={typed.role}
          options={(['voter', 'host', 'observer'] as const).map((role) => ({ value: role, label: t(`roll.role_${role}`) }))}
          onPick={(role) => setTyped({ ...typed, role })}
        />
        {/* Enter in a field saves, as the button does. */}
        <button type="submit" hidden />
        <div role="alert">
          {save.error && !atField && <p className="fault"><bdi>{faults[''] ?? faultText(save.error)}</bdi></p>}
        </div>
      </Form>
    </Dialog>
  );
}
