// Signing up, in and out.
import { ask } from '../../lib/api';
import type { SignIn, User } from '../../lib/contract';

export type Credentials = { email: string; password: string };

export const signIn = (body: Credentials) => ask<SignIn>('POST', '/auth/login', { body, token: null });

export const signUp = (body: Credentials & { name: string }) =>
  ask<User>('POST', '/auth/signup', { body, token: null });

export const signOut = (token: string) => ask<null>('POST', '/auth/logout', { token });
