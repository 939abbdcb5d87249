import { types } from 'node:util';
import type { FastifyRequest, RouteOptions } from 'fastify';
import { CaError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import { Refusal } from '../refusal.ts';
import { SAFE } from './forgery.ts';

/**
 * Makes a route that may change something, as its method says, one commit: all that its handler changes and notes, or
 * nothing of it. So nothing is changed unlogged, and the disk is waited for once. A handler that returns nothing
 * answers 204: sent on the way, the answer would be there before the commit.
 */
export function inOneCommit(route: RouteOptions, store: Store): void {
  const changes = [route.method].flat().some((method) => !SAFE.includes(method));
  if (!changes || route.config?.commits !== undefined) return;
  const { handler, url } = route;
  // A transaction waits for nothing: all others would be in it, too.
  if (types.isAsyncFunction(handler)) throw new Error(`${url} waits, and does not say what it commits`);
  route.handler = function (request, reply) {
    let answer: unknown;
    store.together(() => {
      answer = handler.call(this, request, reply);
      if (answer instanceof Promise) throw new Error(`${url} promises, and does not say what it commits`);
    });
    return answer === undefined ? reply.code(204).send() : answer;
  };
}

/**
 * Does what no transaction takes back, such as changing a file. That it begins is written down before, and what came of it
 * after it: nothing is done unlogged, whatever fails on the way.
 */
export async function noted<T>(
  request: FastifyRequest,
  action: string,
  target: Readonly<Record<string, string | number>>,
  act: () => T | Promise<T>,
): Promise<T> {
  request.note(action, target, 'begun');
  try {
    const result = await act();
    request.note(action, target);
    return result;
  } catch (error) {
    const told = error instanceof CaError || error instanceof Refusal;
    request.note(action, target, told ? error.code : 'CA_COMMAND_FAILED');
    throw error;
  }
}
