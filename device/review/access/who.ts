import type { FastifyRequest } from 'fastify';
import type { Permission, Role } from './permissions.ts';

/** Who asks. */
export interface Who {
  /** Of the account; a token acts for the account that made it. */
  readonly accountId: string;
  /** The login name. */
  readonly name: string;
  readonly role: Role;
  readonly permissions: ReadonlySet<Permission>;
  /** Whose contacts are their own: the pseudonym at the desk; null for anybody but a receptionist. */
  readonly receptionist: string | null;
  readonly by: 'session' | 'token' | 'sso';
  /** Id of the session; null: there is none. */
  readonly session: string | null;
  /** What must come with all that changes anything; null: nothing, for no browser sends a token unasked. */
  readonly csrf: string | null;
}

/**
 * What a route needs; `anyone`: nobody has to be known; `somebody`: any account; `person`: any, but no token, for no
 * program makes itself a password or another token.
 */
export type Needs = Permission | 'person' | 'somebody' | 'anyone';

declare module 'fastify' {
  interface FastifyContextConfig {
    needs?: Needs;
    /**
     * Of a route whose method says that it changes something, where it is not one commit as a whole (one-commit.ts):
     * `itself`: it waits on its way, and sees to it that nothing is changed unlogged; `nothing`: it changes nothing.
     */
    commits?: 'itself' | 'nothing';
  }
  interface FastifyRequest {
    /** null: nobody is known. */
    who: Who | null;
    /** Writes down what was done, in the log that nobody can change unseen. `target`: nobody can be known by it. */
    note(action: string, target?: Readonly<Record<string, string | number>>, outcome?: string): void;
  }
}

/** Who asks, in a route that needs somebody. */
export function whoOf(request: FastifyRequest): Who {
  if (request.who) return request.who;
  throw new Error('this route lets anyone in');
}
