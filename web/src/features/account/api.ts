// One's own account.
import { ask } from '../../lib/api';

export type AccountChange = { name?: string; email?: string; password?: string; current_password?: string };

export const changeAccount = (body: AccountChange) => ask('PATCH', '/auth/me', { body });

export const deleteAccount = () => ask('DELETE', '/auth/me');

export const becomeAdministrator = (code: string) => ask('POST', '/auth/admin', { body: { code } });

export const resetPassword = (body: { code: string; password: string }) =>
  ask('POST', '/auth/reset', { body, token: null });
