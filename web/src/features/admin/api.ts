// What only administrators ask for: how the server is, other people's accounts, invitations.
import { ask } from '../../lib/api';
import type { Invitation } from '../../lib/contract';
import { everyPage } from '../../lib/every-page';

export const fetchStatus = () => ask('GET', '/admin/status');

export const fetchAccounts = (cursor: number | null) =>
  ask('GET', `/admin/users?limit=50${cursor === null ? '' : `&cursor=${cursor}`}`);

export const findAccounts = (email: string) => ask('GET', `/admin/users?email=${encodeURIComponent(email)}`);

export const makeResetCode = (account: number) => ask('POST', `/admin/users/${account}/reset`);

export const fetchInvitations = () => everyPage<Invitation>('/admin/invitations');

export const makeInvitation = (body: { uses: number; hours: number }) => ask('POST', '/admin/invitations', { body });

export const endInvitation = (invitation: number) => ask('DELETE', `/admin/invitations/${invitation}`);
