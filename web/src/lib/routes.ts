// What a route answers, found by how it is asked: types alone, made of the API's own document.
import type { paths } from './generated/openapi';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type Parts<Path extends string> = Path extends `${infer First}/${infer Rest}` ? [First, ...Parts<Rest>] : [Path];
type WithoutQuery<Path extends string> = Path extends `${infer Bare}?${string}` ? Bare : Path;

/** Whether a path that is asked for is one of a route's: its `{name}` stands for anything. */
type Fits<Asked extends string[], Route extends string[]> = Asked extends [infer A, ...infer As extends string[]]
  ? Route extends [infer R, ...infer Rs extends string[]]
    ? A extends (R extends `{${string}}` ? string | number : R)
      ? Fits<As, Rs>
      : false
    : false
  : Route extends []
    ? true
    : false;

type Takes<M extends Method> = Record<Lowercase<M>, { responses: unknown }>;

type OperationOf<M extends Method, Path extends string> = {
  [Route in keyof paths]: true extends Fits<Parts<WithoutQuery<Path>>, Parts<Route>>
    ? paths[Route] extends Takes<M>
      ? paths[Route][Lowercase<M>]
      : never
    : never;
}[keyof paths];

type Json<Responses, Done extends keyof Responses = keyof Responses & (200 | 201)> = [Done] extends [never]
  ? null
  : Responses[Done] extends { content: { 'application/json': infer Told } }
    ? Told
    : null;

/** What a route answers where it does what it was asked; `unknown` for a path or method that there isn't. */
export type Answer<M extends Method, Path extends string> = [OperationOf<M, Path>] extends [never]
  ? unknown
  : Json<OperationOf<M, Path>['responses']>;
