// A button that downloads all that is held of something: the server writes it in parts, which may take a while.
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { askFile } from '../lib/api';
import { describeFault } from '../lib/faults';
import { saveFile } from '../lib/save-file';

const timeoutSeconds = 600;

type SaveExportProps = { label: string; path: string; name: string };

export function SaveExport({ label, path, name }: SaveExportProps) {
  const { t } = useTranslation();
  const saving = useMutation({
    networkMode: 'always',
    mutationFn: () => askFile(path, { timeoutSeconds }),
    onSuccess: (file) => saveFile(file, name),
  });

  return (
    <>
      <button
        type="button"
        className="secondary"
        aria-disabled={saving.isPending}
        onClick={() => !saving.isPending && saving.mutate()}
      >
        {label}
      </button>
      <div role="status">
        {saving.isPending && <p className="hint">{t('export.saving')}</p>}
        {saving.isSuccess && <p className="hint">{t('export.saved')}</p>}
        {saving.error && <p className="fault">{describeFault(saving.error, t)}</p>}
      </div>
    </>
  );
}
