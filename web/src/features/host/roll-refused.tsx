// Why a roll's file was refused: every line with its fault, and what stands there.
import { Refusal } from '../../lib/api';
import type { FieldError } from '../../lib/contract';
import { fields } from './roll-columns';
import { readFaultPlace, readPasted, WorkbookFault } from './roll-file';
import { faultsOf, type Looked } from './use-roll-import';
import { useFaultText, useWords } from './words';

type RefusedProps = {
  looked: Looked;
  /** What the page asks about by itself is no fault to be listed. */
  isAsked: (error: FieldError) => boolean;
};

export function RollRefused({ looked: { asked, lines, fault }, isAsked }: RefusedProps) {
  const { t } = useWords();
  const faultText = useFaultText();
  const all = faultsOf(fault);
  const errors = all.filter((error) => !isAsked(error));
  if (fault === null || (all.length > 0 && errors.length === 0)) return null;
  const textOf = new Map(lines.map(({ line, cells }) => [line, cells.join(' · ')]));
  // A header that this page put before bare names is no line of what was pasted.
  const shift = asked.file === null && readPasted(asked.pasted) !== asked.pasted ? 1 : 0;

  const isTooWide = ({ code }: FieldError) =>
    code === 'too_long' && fault instanceof Refusal && (fault.problem.file?.columns ?? []).length > 0;
  const wherePlace = (line: number | null, member: string) => {
    if (line !== null) return t('roll.line', { line: line - shift });
    const isColumns = member === 'columns' || member.endsWith('_column') || member.endsWith('_columns');
    return t(member === 'encoding' ? 'roll.encoding' : isColumns ? 'roll.columns' : 'roll.wholeFile');
  };

  return (
    <div className="refused stack tight">
      <p className="fault">{errors.length === 0 ? (fault instanceof WorkbookFault ? t(`roll.workbook_${fault.why}`) : faultText(fault)) : t('roll.refused', { count: errors.length })}</p>
      {errors.length > 0 && (
        <ol className="refused-lines">
          {errors.map((error, position) => {
            const { field } = error;
            const { line, member } = readFaultPlace(field);
            const isHeader = line !== null && line === lines[0]?.line;
            const detail = isHeader && isTooWide(error) ? t('roll.tooManyColumns') : error.detail;
            const name = fields.find((known) => known === member);
            return (
              <li key={`${field}-${position}`}>
                <strong><bdi>{wherePlace(line, member)}</bdi></strong>{' '}
                {name !== undefined && `${t(`roll.${name}`)}: `}
                {detail}
                {!isHeader && line !== null && textOf.has(line) && <code>{textOf.get(line)}</code>}
              </li>
            );
          })}
        </ol>
      )}
      {fault instanceof Refusal && fault.problem.more === true && <p>{t('roll.moreFaults')}</p>}
    </div>
  );
}
