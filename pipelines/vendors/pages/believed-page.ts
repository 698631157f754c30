import type { VendorEndpoint } from '../http/http-failure.ts';
import { VendorError } from '../vendor-error.ts';

/** Questions about one page until two answers agree. */
const ASKED_MAX = 6;

export interface BelievedPageOptions<P> {
  readonly where: VendorEndpoint;
  /** Whether a page looks as if something were missing from it. */
  readonly doubtful: (page: P) => boolean;
  readonly same: (a: P, b: P) => boolean;
}

/**
 * A page that is beyond doubt, or was given twice in a row. Throws VendorError `malformed` where no two answers agree.
 */
export async function believedPage<P>(
  fetchPage: () => Promise<P>,
  { where, doubtful, same }: BelievedPageOptions<P>,
): Promise<P> {
  let before: P | undefined;
  for (let asked = 0; asked < ASKED_MAX; asked++) {
    const page = await fetchPage();
    if (!doubtful(page) || (before !== undefined && same(page, before))) return page;
    before = page;
  }
  throw new VendorError({ ...where, kind: 'malformed', detail: `${ASKED_MAX} answers to one question, all different` });
}
