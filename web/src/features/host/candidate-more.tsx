// What a candidate may have beside a name: a description and a picture, folded away until somebody wants them.
import { useState } from 'react';

import { Disclosure } from '../../components/disclosure';
import { Field } from '../../components/fields';
import { PictureField } from './picture-field';
import type { CandidateFields } from './poll-fields';
import { useWords } from './words';

type CandidateMoreProps = {
  row: CandidateFields;
  number: number;
  faults: { description: string | undefined; picture: string | undefined };
  onChange: (part: Partial<CandidateFields>) => void;
};

export function CandidateMore({ row, number, faults, onChange }: CandidateMoreProps) {
  const { t } = useWords();
  // Only how it begins: what is typed or taken away later folds nothing.
  const [had] = useState(row.description !== '' || row.picture !== null);
  const isFaulty = faults.description !== undefined || faults.picture !== undefined;

  return (
    <Disclosure summary={t('form.candidateMore', { number })} open={had || isFaulty}>
      <div className="stack tight">
        <Field
          label={t('form.candidateDescription', { number })}
          fault={faults.description}
          value={row.description}
          autoComplete="off"
          onChange={(event) => onChange({ description: event.target.value })}
        />
        <PictureField row={row} number={number} fault={faults.picture} onPicture={(picture) => onChange({ picture })} />
      </div>
    </Disclosure>
  );
}
