// A candidate's picture at the desk.
import { CandidatePicture } from '../../components/candidate-picture';
import { PictureInput } from './picture-input';
import type { CandidateFields } from './poll-fields';
import { useWords } from './words';

type PictureFieldProps = {
  row: CandidateFields;
  number: number;
  fault: string | undefined;
  onPicture: (picture: string | null) => void;
};

export function PictureField({ row, number, fault, onPicture }: PictureFieldProps) {
  const { t } = useWords();

  return (
    <PictureInput
      shown={row.picture === null ? null : <CandidatePicture candidate={row} />}
      label={t('form.candidatePicture', { number })}
      remove={t('form.removePicture', { number })}
      fault={fault}
      onPicture={onPicture}
    />
  );
}
