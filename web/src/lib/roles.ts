// Which roles stand beside a name: all but that of most people. Pure.
import type { Role } from './contract';

type Marked = Extract<Role, 'host' | 'observer' | 'guest'>;

export const isMarked = (role: string | null): role is Marked => role === 'host' || role === 'observer' || role === 'guest';
