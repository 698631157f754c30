import { secretOf } from '../config.ts';
import { InputError } from '../errors.ts';

/** Where a service is, and the token by which it is asked. */
export interface ServiceAddress {
  /** Such as `https://box.example`. */
  readonly url: string;
  readonly token: string;
}

/**
 * The service at `url`, with the token that the variable `tokenEnv` of the environment holds.
 * @throws InputError for what is no address, and for a token that is not set
 */
export function serviceAddress(url: string, tokenEnv: string): ServiceAddress {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new InputError('--url is no address of a service.', 'Give one such as http://127.0.0.1:4100.');
  }
  const token = secretOf(tokenEnv);
  if (token !== null) return { url: url.replace(/\/+$/, ''), token };
  const remedy = `Put one there: \`signalbox tokens create NAME --role ROLE\` makes it. --token-env names another variable.`;
  throw new InputError(`${tokenEnv} holds no token.`, remedy);
}
