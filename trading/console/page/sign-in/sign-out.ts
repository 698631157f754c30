import { ask } from '../service/ask.ts';
import { signedOut } from '../service/signed-in.ts';

/** Ends this sign-in, at the service first: a browser that only forgot its cookies would leave them good. */
export async function signOut(): Promise<void> {
  await ask('POST', '/api/v1/auth/sign-out');
  signedOut();
}
