import type { LightMyRequestResponse } from 'fastify';
import { createUser } from '../../../infra/auth/accounts.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import type { Clock } from '../../../infra/clock.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import type { ServiceUnderTest } from './service-under-test.ts';

export const PASSWORD = 'four words of mine';

/** A browser: it keeps cookies, and says the word of its page. */
export class TestBrowser {
  readonly cookies = new Map<string, string>();
  readonly #service: ServiceUnderTest;

  constructor(service: ServiceUnderTest) {
    this.#service = service;
  }

  async ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const csrf = this.cookies.get('signalbox_csrf');
    const own = { cookie, origin: 'http://localhost', ...(csrf === undefined ? {} : { 'x-csrf-token': csrf }) };
    const answer = await this.#service.ask(method, url, {
      headers: { ...own, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    for (const { name, value } of answer.cookies) {
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  signIn(name: string, password = PASSWORD): Promise<LightMyRequestResponse> {
    return this.ask('POST', '/api/v1/auth/sign-in', { name, password });
  }
}

/** A user with a password, signed in as one who used a link. */
export async function signedInUser(
  service: ServiceUnderTest,
  { database, clock, role = 'trader' }: { database: Database; clock: Clock; role?: string },
  name: string,
): Promise<TestBrowser> {
  const { link } = await createUser({ database, clock, actor: SYSTEM }, { name, role });
  const browser = new TestBrowser(service);
  const answer = await browser.ask('POST', '/api/v1/auth/link', { link, password: PASSWORD });
  if (answer.statusCode !== 200) throw new Error(`${name} is not let in: ${answer.body}`);
  return browser;
}
