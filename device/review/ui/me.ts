import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Me } from '../access/me.ts';
import type { Permission } from '../access/permissions.ts';

export type Account = NonNullable<Me['account']>;

export const MeContext = createContext<Me | null>(null);

/** Who looks at the page. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('nobody is known yet');
  return me;
}

const changed = 'ca:me';

/** Asks anew who looks at the page: something of their account has changed. */
export function meChanged(): void {
  dispatchEvent(new Event(changed));
}

/** Calls back for that. Returns what ends it. */
export function whenMeChanged(listener: () => void): () => void {
  addEventListener(changed, listener);
  return () => removeEventListener(changed, listener);
}

/** Whether who looks at the page may do that. */
export function useMay(): (permission: Permission) => boolean {
  const { account } = useMe();
  return (permission) => account?.permissions.includes(permission) ?? false;
}
