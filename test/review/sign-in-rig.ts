import type { Me } from '../../device/review/access/me.ts';
import type { Role } from '../../device/review/access/permissions.ts';
import type { CodeMade } from '../../device/review/access/schema.ts';
import type { PageRig } from './rig.ts';

/** Somebody at the page, as a browser has them: with a cookie, and the token that comes with each change. */
export class Browser {
  cookie = '';
  csrf = '';
  readonly #rig: PageRig;

  constructor(rig: PageRig) {
    this.#rig = rig;
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const own: Record<string, string> = this.cookie ? { cookie: this.cookie } : {};
    if (this.csrf) own['x-csrf-token'] = this.csrf;
    const answer = await this.#rig.ask(method, path, body, { ...own, ...headers });
    const set = answer.headers.get('set-cookie');
    if (set !== null) this.cookie = set.split(';')[0] as string;
    return answer;
  }

  async me(): Promise<Me> {
    const me = (await (await this.ask('GET', '/api/me')).json()) as Me;
    this.csrf = me.csrf;
    return me;
  }

  /** Status of the answer. */
  async signIn(name: string, password: string): Promise<number> {
    const { status } = await this.ask('POST', '/api/sign-in', { name, password });
    await this.me();
    return status;
  }
}

export const PASSWORD = 'seven green umbrellas';

/** The first administrator, made as on a new device. */
export async function setUp(rig: PageRig, name = 'root'): Promise<Browser> {
  const browser = new Browser(rig);
  const code = rig.access.setUpCode();
  const answer = await browser.ask('POST', '/api/set-up', { code, name, password: PASSWORD });
  if (answer.status !== 200) throw new Error(await answer.text());
  await browser.me();
  return browser;
}

/** Somebody of that role, invited by `admin`, who has chosen a password. */
export async function invite(rig: PageRig, admin: Browser, name: string, role: Role): Promise<Browser> {
  const receptionist = role === 'receptionist' ? 'r-1' : null;
  const answer = await admin.ask('POST', '/api/accounts', { name, role, receptionist });
  const { code } = (await answer.json()) as CodeMade;
  const browser = new Browser(rig);
  await browser.ask('POST', '/api/redeem', { code, password: PASSWORD });
  await browser.me();
  return browser;
}
