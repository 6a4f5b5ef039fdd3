// The settings of a room, each with what it means.
import { Field, Options, Pick } from '../../components/fields';
import { Toggle } from '../../components/toggle';
import { hasZone } from '../../lib/zone';
import type { RoomFields } from './room-fields';
import { useWords } from './words';

type RoomFormFieldsProps = {
  fields: RoomFields;
  onFields: (fields: RoomFields) => void;
  faults: Record<string, string>;
};

/** Every zone that the browser knows, and the one that is set, which it may not know. */
function listZones(set: string): string[] {
  const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : ['Asia/Seoul', 'UTC'];
  return [...new Set([set, ...known])].sort();
}

export function RoomFormFields({ fields, onFields, faults }: RoomFormFieldsProps) {
  const { t } = useWords();
  const put = (change: Partial<RoomFields>) => onFields({ ...fields, ...change });
  const quorum = fields.quorum;
  const number = (member: 'count' | 'num' | 'den') => ({
    label: t(`setting.quorum_${member}`),
    fault: faults[`quorum.${member}`],
    inputMode: 'numeric' as const,
    value: quorum[member],
    onChange: (event: { target: { value: string } }) => put({ quorum: { ...quorum, [member]: event.target.value } }),
  });

  return (
    <>
      <Field
        // eslint-disable-next-line jsx-a11y/no-autofocus -- a new room begins with its name
        autoFocus={fields.name === ''}
        label={t('setting.name')}
        fault={faults.name}
        value={fields.name}
        autoComplete="off"
        onChange={(event) => put({ name: event.target.value })}
      />
      <Options
        legend={t('setting.visibility')}
        value={fields.visibility}
        options={(['public', 'unlisted', 'members'] as const).map((value) => ({
          value,
          label: t(`setting.visibility_${value}`),
          hint: t(`setting.visibility_${value}_hint`),
        }))}
        onPick={(visibility) => put({ visibility })}
        fault={faults.visibility}
      />
      <Toggle
        label={t('setting.guests')}
        hint={t(fields.visibility === 'members' ? 'setting.guests_members_hint' : 'setting.guests_hint')}
        checked={fields.guests}
        onChange={(guests) => put({ guests })}
      />
      <Options
        legend={t('setting.quorum')}
        value={quorum.kind}
        options={(['none', 'count', 'share'] as const).map((value) => ({
          value,
          label: t(`setting.quorum_kind_${value}`),
          hint: t(`setting.quorum_kind_${value}_hint`),
        }))}
        onPick={(kind) => put({ quorum: { ...quorum, kind } })}
        fault={faults.quorum}
      >
        {quorum.kind !== 'none' && (
          <div className="beside">
            <Pick
              label={t('setting.quorum_asks')}
              fault={faults['quorum.rule']}
              value={quorum.rule}
              options={(['at_least', 'more_than'] as const).map((rule) => ({ value: rule, label: t(`setting.quorum_${rule}`) }))}
              onPick={(rule) => put({ quorum: { ...quorum, rule } })}
            />
            {quorum.kind === 'count' && <Field {...number('count')} />}
            {quorum.kind === 'share' && (
              <>
                <Field {...number('num')} />
                <Field {...number('den')} />
              </>
            )}
          </div>
        )}
      </Options>
      {quorum.kind !== 'none' && (
        <Options
          legend={t('setting.quorum_rule')}
          value={fields.quorum_rule}
          options={(['record', 'require'] as const).map((value) => ({
            value,
            label: t(`setting.quorum_rule_${value}`),
            hint: t(`setting.quorum_rule_${value}_hint`),
          }))}
          onPick={(quorum_rule) => put({ quorum_rule })}
          fault={faults.quorum_rule}
        />
      )}
      <Field
        label={t('setting.hold_minutes')}
        hint={t('setting.hold_minutes_hint')}
        fault={faults.hold_minutes}
        inputMode="numeric"
        value={fields.hold_minutes}
        onChange={(event) => put({ hold_minutes: event.target.value })}
      />
      <Field
        label={t('setting.mute_minutes')}
        hint={t('setting.mute_minutes_hint')}
        fault={faults.mute_minutes}
        inputMode="numeric"
        value={fields.mute_minutes}
        onChange={(event) => put({ mute_minutes: event.target.value })}
      />
      <Toggle
        label={t('setting.trust_email')}
        hint={t('setting.trust_email_hint')}
        checked={fields.trust_email}
        onChange={(trust_email) => put({ trust_email })}
      />
      <Pick
        label={t('setting.timezone')}
        hint={
          hasZone(fields.timezone)
            ? t('setting.timezone_hint')
            : t('translation:app.zoneUnknown', { zone: fields.timezone })
        }
        fault={faults.timezone}
        value={fields.timezone}
        options={listZones(fields.timezone).map((zone) => ({ value: zone, label: zone }))}
        onPick={(timezone) => put({ timezone })}
      />
    </>
  );
}
