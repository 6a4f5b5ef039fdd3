// A picture at the desk: chosen, made small, uploaded, seen, and taken away again.
import { useId, useRef, useState, type ReactNode } from 'react';

import { uploadPicture } from './api';
import { useDesk } from './desk-room';
import { shrinkPicture } from './shrink-picture';
import { useFaultText, useWords } from './words';

type PictureInputProps = {
  /** The picture that is there; null without one. */
  shown: ReactNode;
  label: string;
  remove: string;
  fault: string | undefined;
  /** Nothing is cut off. */
  whole?: boolean;
  onPicture: (picture: string | null) => void;
};

export function PictureInput({ shown, label, remove, fault, whole = false, onPicture }: PictureInputProps) {
  const { t } = useWords();
  const { code } = useDesk();
  const faultText = useFaultText();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [state, setState] = useState<{ busy: boolean; fault: unknown }>({ busy: false, fault: null });

  const send = async (file: File) => {
    setState({ busy: true, fault: null });
    try {
      onPicture((await uploadPicture(code, await shrinkPicture(file), whole)).key);
      setState({ busy: false, fault: null });
    } catch (refused) {
      setState({ busy: false, fault: refused });
    }
    if (input.current) input.current.value = '';
  };

  return (
    <div className="picture-field">
      {shown}
      <label htmlFor={id}>{label}</label>
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
      {shown !== null && (
        <button
          type="button"
          className="act"
          onClick={() => {
            onPicture(null);
            input.current?.focus();
          }}
        >
          <bdi>{remove}</bdi>
        </button>
      )}
      <p role="status" className="hint">{state.busy ? t('form.uploading') : ''}</p>
      {(state.fault !== null || fault) && (
        <p role="alert" className="fault"><bdi>{fault ?? faultText(state.fault)}</bdi></p>
      )}
    </div>
  );
}
