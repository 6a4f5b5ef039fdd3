// The one way to ask over HTTP: it knows the token, the reader's language and problem+json.
import type { Problem, ProblemCode } from './contract';
import { currentLanguage } from './i18n';
import type { Answer, Method } from './routes';
import { endSession, getSession, roomHere } from './session';
import { noteStep } from './trail';

/** The server answered, and refused. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null = null) {
    super(problem.code);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came: whether the server did what was asked is unknown. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

const deadCodes: ProblemCode[] = ['token_invalid', 'token_expired', 'unauthenticated'];

/** Whether the refusal means that the token it was asked with is of no use any more. */
export function isSessionOver(problem: Problem): boolean {
  return deadCodes.includes(problem.code);
}

type Ask = {
  /** A Blob is sent as it is, under its own type; anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Whose request this is; the signed-in person's unless told. */
  token?: string | null;
  timeoutSeconds?: number;
};

/** Asks the server; gives its JSON (null for 204), or throws `Refusal` or `NoAnswer`. */
export function ask<M extends Method, Path extends string>(
  method: M,
  path: Path,
  options: Ask = {},
): Promise<Answer<M, Path>> {
  type T = Answer<M, Path>;
  return askFor(method, path, options, async (response) => (response.status === 204 ? null : await response.json()) as T);
}

/** A document, and the ETag by which it is changed only as it was seen. */
export type Tagged<T> = { document: T; etag: string };

export function askTagged<M extends Method, Path extends string>(
  method: M,
  path: Path,
  options: Ask = {},
): Promise<Tagged<Answer<M, Path>>> {
  type T = Answer<M, Path>;
  return askFor<Tagged<T>>(method, path, options, async (response) => ({
    document: (await response.json()) as T,
    etag: response.headers.get('ETag') ?? '*',
  }));
}

/** A file: what the server gives may need the token, which a plain link cannot carry. */
export function askFile(path: string, options: Ask = {}): Promise<Blob> {
  return askFor('GET', path, options, (response) => response.blob());
}

async function askFor<T>(
  method: string,
  path: string,
  options: Ask,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const { body, headers = {}, token = getSession().token, timeoutSeconds = 15 } = options;
  const room = path.startsWith('/polls/') ? roomHere() : null;
  const raw = body instanceof Blob;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutSeconds * 1000);
  try {
    const response = await fetch(path, {
      method,
      signal: abort.signal,
      cache: 'no-store',
      credentials: 'omit',
      headers: {
        Accept: 'application/json',
        'Accept-Language': currentLanguage(),
        ...(token !== null && { Authorization: `Bearer ${token}` }),
        ...(room !== null && { 'Room-Code': room }),
        ...(body !== undefined && { 'Content-Type': raw ? body.type : 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
    });
    const key = headers['Idempotency-Key'] ?? null;
    noteStep({ method, path, body, key, room, signedIn: token !== null, status: response.status });
    if (!response.ok) throw await readRefusal(response);
    return await read(response);
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw new NoAnswer('no answer', { cause: fault });
    if (isSessionOver(fault.problem)) endSession(token, fault.problem.code);
    throw fault;
  } finally {
    clearTimeout(timer);
  }
}

async function readRefusal(response: Response): Promise<Refusal> {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  try {
    const problem = (await response.json()) as Problem;
    if (typeof problem.code === 'string') return new Refusal(problem, retryAfterSeconds);
  } catch {
    // A proxy in between speaks HTML; the status says enough.
  }
  const code = response.status === 429 ? 'rate_limited' : response.status >= 500 ? 'unavailable' : 'internal';
  return new Refusal({ type: 'about:blank', title: '', status: response.status, detail: '', code }, retryAfterSeconds);
}
