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

export type RoomFields = Pick<Room, 'name' | 'visibility' | 'guests' | 'trust_email' | 'timezone' | 'quorum_rule' | 'colour' | 'logo'> & {
  hold_minutes: string;
  /** Empty: until a host ends it. */
  mute_minutes: string;
  /** One site a line. */
  embed_origins: string;
  quorum: Quorum;
};

export function startRoom(timezone: string): RoomFields {
  const quorum = { kind: 'none', rule: 'at_least', count: '', num: '1', den: '2' } as const;
  const start = { name: '', visibility: 'public', guests: true, trust_email: false, hold_minutes: '30', quorum_rule: 'record' } as const;
  return { ...start, timezone, quorum, colour: null, logo: null, mute_minutes: '', embed_origins: '' };
}

export function readRoomFields(room: Room): RoomFields {
  const { name, visibility, guests, trust_email, timezone, quorum, quorum_rule, colour, logo } = room;
  const texts = {
    hold_minutes: String(room.hold_minutes),
    mute_minutes: room.mute_minutes === null ? '' : String(room.mute_minutes),
    embed_origins: room.embed_origins.join('\n'),
  };
  const kept = { name, visibility, guests, trust_email, quorum_rule, colour, logo, ...texts };
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
    mute_minutes: fields.mute_minutes.trim() === '' ? null : writeNumber(fields.mute_minutes),
    embed_origins: readSites(fields.embed_origins),
    quorum: kind === 'none' ? null : { ...asked, rule },
  };
  return Object.fromEntries(members.map((member) => [member, whole[member]]));
}

/** A room that is yet to be made has no pictures of which one could be its logo. */
export function writeNewRoom(fields: RoomFields): Record<string, unknown> {
  return writeRoomFields(fields, (Object.keys(fields) as (keyof RoomFields)[]).filter((member) => member !== 'logo'));
}

/** The origins of the sites that were typed, one a line; of a page's whole address the origin is taken. */
export function readSites(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim().toLowerCase());
  const withScheme = lines.filter((line) => line !== '').map((line) => (line.includes('://') ? line : `https://${line}`));
  return withScheme.map((line) => /^https?:\/\/[^/?#]+/.exec(line)?.[0] ?? line);
}
