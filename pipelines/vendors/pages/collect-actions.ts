import { isoDay } from '../../calendars/day.ts';
import { believedPage } from './believed-page.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import type { ActionPage, ActionsRequest, VendorAction, VendorActions } from '../vendor-actions.ts';
import { VendorError } from '../vendor-error.ts';

/** A thousand actions a page: a stock has a dozen a year at most. */
const PAGES_MAX = 50;

/**
 * All pages of one question about splits or dividends, ascending by ex-date. As with bars, pages may come in any order,
 * and one that was seen before means that another is missing: VendorError `malformed`, and nothing of the answer is
 * taken. An empty page is believed when it is given twice: a dividend that is missing goes unnoticed otherwise.
 */
export async function collectActions(
  fetchPage: (cursor: string | undefined) => Promise<ActionPage>,
  request: ActionsRequest,
  where: VendorEndpoint,
): Promise<VendorActions> {
  const actions: VendorAction[] = [];
  const passedOver: string[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await believedPage(() => fetchPage(cursor), { where, doubtful: isEmpty, same: samePage });
    actions.push(...page.actions);
    passedOver.push(...page.passedOver);
    if (page.next !== undefined && (cursors.has(page.next) || cursors.size >= PAGES_MAX)) {
      throw new VendorError({ ...where, kind: 'malformed', detail: `pages go round in circles after ${cursors.size}` });
    }
    cursor = page.next;
    if (cursor !== undefined) cursors.add(cursor);
  } while (cursor !== undefined);
  requireOnce(actions, where);
  const wanted = actions.filter(({ exDay }) => exDay >= request.fromDay && exDay <= request.toDay);
  return { actions: wanted.sort((a, b) => a.exDay - b.exDay), passedOver };
}

const isEmpty = ({ actions, passedOver }: ActionPage): boolean => actions.length + passedOver.length === 0;
const samePage = (a: ActionPage, b: ActionPage): boolean => isEmpty(a) && isEmpty(b) && a.next === b.next;

function requireOnce(actions: readonly VendorAction[], where: VendorEndpoint): void {
  const seen = new Set<string>();
  for (const { id, kind, exDay } of actions) {
    if (seen.has(id)) {
      const detail = `the ${kind} of ${isoDay(exDay)} twice: a page was given twice`;
      throw new VendorError({ ...where, kind: 'malformed', detail });
    }
    seen.add(id);
  }
}
