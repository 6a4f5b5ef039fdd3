// A room's settings as their form has them, and back as the server takes them. Pure.
import type { Room } from '../../lib/contract';
import { writeNumber } from './threshold';

type Quorum = {
  kind: 'none' | 'count' | 'share';
  rule: 'at_least' | 'more_than';
  count: string;
  num: string;
  den: string;
};

export type RoomFields = Pick<Room, 'name' | 'visibility' | 'trust_email' | 'timezone' | 'quorum_rule'> & {
  hold_minutes: string;
  quorum: Quorum;
};

export function startRoom(timezone: string): RoomFields {
  const quorum = { kind: 'none', rule: 'at_least', count: '', num: '1', den: '2' } as const;
  return { name: '', visibility: 'public', trust_email: false, timezone, hold_minutes: '30', quorum, quorum_rule: 'record' };
}

export function readRoomFields(room: Room): RoomFields {
  const { name, visibility, trust_email, timezone, quorum, quorum_rule } = room;
  const kept = { name, visibility, trust_email, quorum_rule, hold_minutes: String(room.hold_minutes) };
  const fields = { ...startRoom(timezone), ...kept };
  return quorum === null ? fields : { ...fields, quorum: { ...fields.quorum, ...readQuorum(quorum) } };
}

function readQuorum(quorum: NonNullable<Room['quorum']>): Partial<Quorum> {
  const rule = quorum.rule ?? 'at_least';
  if ('count' in quorum) return { kind: 'count', rule, count: String(quorum.count) };
  return { kind: 'share', rule, num: String(quorum.num), den: String(quorum.den) };
}

export function writeRoomFields(
  fields: RoomFields,
  members: readonly (keyof RoomFields)[] = Object.keys(fields) as (keyof RoomFields)[],
): Record<string, unknown> {
  const { kind, rule, count, num, den } = fields.quorum;
  const asked = kind === 'share' ? { num: writeNumber(num), den: writeNumber(den) } : { count: writeNumber(count) };
  const whole: Record<keyof RoomFields, unknown> = {
    ...fields,
    hold_minutes: writeNumber(fields.hold_minutes),
    quorum: kind === 'none' ? null : { ...asked, rule },
  };
  return Object.fromEntries(members.map((member) => [member, whole[member]]));
}
