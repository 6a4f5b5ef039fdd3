// A candidate's picture at the desk: chosen, seen, and taken away again.
import { useId, useRef, useState } from 'react';

import { CandidatePicture } from '../../components/candidate-picture';
import { uploadPicture } from './api';
import { useDesk } from './desk-room';
import type { CandidateFields } from './poll-fields';
import { shrinkPicture } from './shrink-picture';
import { useFaultText, useWords } from './words';

type PictureFieldProps = {
  row: CandidateFields;
  number: number;
  fault: string | undefined;
  onPicture: (picture: string | null) => void;
};

export function PictureField({ row, number, fault, onPicture }: PictureFieldProps) {
  const { t } = useWords();
  const { code } = useDesk();
  const faultText = useFaultText();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [state, setState] = useState<{ busy: boolean; fault: unknown }>({ busy: false, fault: null });

  const send = async (file: File) => {
    setState({ busy: true, fault: null });
    try {
      onPicture((await uploadPicture(code, await shrinkPicture(file))).key);
      setState({ busy: false, fault: null });
    } catch (refused) {
      setState({ busy: false, fault: refused });
    }
    if (input.current) input.current.value = '';
  };

  return (
    <div className="picture-field">
      <CandidatePicture candidate={row} />
      <label htmlFor={id}>{t('form.candidatePicture', { number })}</label>
      <input
        ref={input}
        id={id}
        type="file"
        accept="image/jpeg,image/png,image/webp"
        disabled={state.busy}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) void send(file);
        }}
      />
      {row.picture !== null && (
        <button
          type="button"
          className="act"
          onClick={() => {
            onPicture(null);
            input.current?.focus();
          }}
        >
          {t('form.removePicture', { number })}
        </button>
      )}
      <p role="status" className="hint">{state.busy ? t('form.uploading') : ''}</p>
      {(state.fault !== null || fault) && (
        <p role="alert" className="fault"><bdi>{fault ?? faultText(state.fault)}</bdi></p>
      )}
    </div>
  );
}
