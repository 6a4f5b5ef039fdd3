// One's own account, and what an administrator does for another's.
import { ask } from '../../lib/api';
import type { Invitation } from '../../lib/contract';
import { everyPage } from '../../lib/every-page';

export type AccountChange = { name?: string; email?: string; password?: string; current_password?: string };

export const changeAccount = (body: AccountChange) => ask('PATCH', '/auth/me', { body });

export const deleteAccount = () => ask('DELETE', '/auth/me');

export const becomeAdministrator = (code: string) => ask('POST', '/auth/admin', { body: { code } });

export const resetPassword = (body: { code: string; password: string }) =>
  ask('POST', '/auth/reset', { body, token: null });

export const findAccounts = (email: string) => ask('GET', `/admin/users?email=${encodeURIComponent(email)}`);

export const makeResetCode = (account: number) => ask('POST', `/admin/users/${account}/reset`);

export const fetchInvitations = () => everyPage<Invitation>('/admin/invitations');

export const makeInvitation = (body: { uses: number; hours: number }) => ask('POST', '/admin/invitations', { body });

export const endInvitation = (invitation: number) => ask('DELETE', `/admin/invitations/${invitation}`);
