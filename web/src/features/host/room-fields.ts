// A room's settings as their form has them, and back as the server takes them. Pure.
import type { Room } from '../../lib/contract';
import { writeNumber } from './threshold';

export type RoomFields = Pick<Room, 'name' | 'visibility' | 'trust_email' | 'timezone'> & {
  hold_minutes: string;
  quorum: { kind: 'none' | 'count' | 'share'; count: string; num: string; den: string };
};

export function startRoom(timezone: string): RoomFields {
  const quorum = { kind: 'none', count: '', num: '1', den: '2' } as const;
  return { name: '', visibility: 'public', trust_email: false, timezone, hold_minutes: '30', quorum };
}

export function readRoomFields(room: Room): RoomFields {
  const { name, visibility, trust_email, timezone, quorum } = room;
  const fields = { ...startRoom(timezone), name, visibility, trust_email, hold_minutes: String(room.hold_minutes) };
  if (quorum === null) return fields;
  return 'count' in quorum
    ? { ...fields, quorum: { ...fields.quorum, kind: 'count', count: String(quorum.count) } }
    : { ...fields, quorum: { ...fields.quorum, kind: 'share', num: String(quorum.num), den: String(quorum.den) } };
}

export function writeRoomFields(
  fields: RoomFields,
  members: readonly (keyof RoomFields)[] = Object.keys(fields) as (keyof RoomFields)[],
): Record<string, unknown> {
  const { kind, count, num, den } = fields.quorum;
  const shared = kind === 'share' ? { num: writeNumber(num), den: writeNumber(den) } : { count: writeNumber(count) };
  const whole: Record<keyof RoomFields, unknown> = {
    ...fields,
    hold_minutes: writeNumber(fields.hold_minutes),
    quorum: kind === 'none' ? null : shared,
  };
  return Object.fromEntries(members.map((member) => [member, whole[member]]));
}
