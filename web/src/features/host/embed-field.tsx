// Which sites may show the room's tally in a frame, and the line that is pasted there.
import { Area } from '../../components/fields';
import { CopyButton } from './copy-button';
import { useDesk } from './desk-room';
import { readSites, type RoomFields } from './room-fields';
import { useWords } from './words';

type EmbedFieldProps = { fields: RoomFields; onFields: (fields: RoomFields) => void; faults: Record<string, string> };

export function EmbedField({ fields, onFields, faults }: EmbedFieldProps) {
  const { t } = useWords();
  const { code } = useDesk();
  const isRefused = Object.keys(faults).some((field) => field.startsWith('embed_origins'));
  const address = `${window.location.origin}/r/${code}/embed`;
  // Where its color-scheme differed from the page around, a frame would not be transparent.
  const line = `<iframe src="${address}" title="${t('setting.embedFrame')}" style="border:0;width:100%;height:24rem;color-scheme:light"></iframe>`;

  return (
    <>
      <Area
        label={t('setting.embed_origins')}
        hint={t(fields.visibility !== 'members' ? 'setting.embed_origins_hint' : 'setting.embedMembers')}
        fault={isRefused ? t('setting.embedFault') : undefined}
        value={fields.embed_origins}
        onChange={(event) => onFields({ ...fields, embed_origins: event.target.value })}
      />
      {readSites(fields.embed_origins).length > 0 && fields.visibility !== 'members' && (
        <div className="field">
          <p>{t('setting.embedPaste')}</p>
          <p className="address">
            <code translate="no">{line}</code>
          </p>
          <CopyButton text={line} label={t('setting.embedCopy')} />
        </div>
      )}
    </>
  );
}
