import { plainTable } from '../../../infra/terminal/plain-table.ts';
import type { AccountFigures, Exposure, VenueFigures } from '../monitor/account-figures.ts';
import { secondText } from './chosen-session.ts';

/** An account to be shown whole. */
interface WholeAccount {
  readonly capital: number;
  readonly bookings: readonly { readonly kind: string; readonly entries: number; readonly amount: number }[];
  readonly cash: number;
  readonly equity: number | null;
  readonly ours: AccountFigures | null;
  readonly venue: VenueFigures | null;
}

const money = (value: number | null | undefined): string | null => value?.toFixed(2) ?? null;
const percent = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : `${(100 * value).toFixed(1)} %`;
const times = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : `${value.toFixed(2)} x`;

/** One account: our books beside the venue's word, what is held of what, and what was booked. */
export function accountText(account: WholeAccount): string {
  const { ours, venue, bookings, capital } = account;
  const blocked = (venue?.blocks ?? []).map((block) => `The venue says that nothing can be traded: ${block}.`);
  const sections = [
    figuresTable(account),
    ...blocked,
    ...marginTable(venue),
    ...(ours === null ? [] : exposureTables(ours)),
    bookings.length === 0
      ? `Nothing was booked of the capital of ${capital.toFixed(2)}.`
      : plainTable(
          ['booked', { number: 'entries' }, { number: 'amount' }],
          bookings.map(({ kind, entries, amount }) => [kind, entries, amount.toFixed(2)]),
        ),
  ];
  return sections.join('\n');
}

function figuresTable({ capital, cash, equity, ours, venue }: WholeAccount): string {
  const isVenue = venue !== null;
  const row = (name: string, own: string | null, theirs: string | null): (string | null)[] => {
    return isVenue ? [name, own, theirs] : [name, own];
  };
  const asOf = (time: Date | undefined): string | null => (time === undefined ? null : secondText(time));
  return plainTable(
    ['', { number: 'our books' }, ...(isVenue ? [{ number: `${venue.venue} ${venue.account}` }] : [])],
    [
      row('as of (UTC)', asOf(ours?.asOf), asOf(venue?.asOf)),
      row('capital', money(capital), null),
      row('cash', money(cash), money(venue?.cash)),
      row('equity', money(ours?.equity ?? equity), money(venue?.equity)),
      row('buying power', money(ours?.buyingPower), money(venue?.buyingPower)),
      row('realised', money(ours?.realised), null),
      row('unrealised', money(ours?.unrealised), money(venue?.unrealised)),
      row('profit of the day', money(ours?.dayPnl), money(venue?.dayPnl)),
      row('return of the day', percent(ours?.dayReturn), null),
      row('fees', money(ours?.fees), null),
      row('exposure, gross', money(ours?.gross), money(venue?.gross)),
      row('exposure, net', money(ours?.net), null),
      row('leverage', times(ours?.leverage), times(venue?.leverage)),
      row('leverage allowed', times(ours?.leverageMax), null),
      row('margin used', money(ours?.marginUsed), money(venue?.initialMargin)),
      row('margin used of equity', percent(ours?.marginRatio), percent(venue?.marginRatio)),
      row('maintenance margin', money(ours?.maintenanceMargin), money(venue?.maintenanceMargin)),
    ],
  );
}

/** What the venue asks of positions, and where it would close them. */
function marginTable(venue: VenueFigures | null): string[] {
  if (venue === null || venue.margined.length === 0) return [];
  const numbers = ['quantity', 'average', 'value', 'unrealised', 'maintenance margin', 'liquidation at'];
  return [
    plainTable(
      ['at the venue', ...numbers.map((number) => ({ number }))],
      venue.margined.map((one) => [
        one.symbol,
        one.quantity,
        money(one.averagePrice),
        money(one.value),
        money(one.unrealised),
        money(one.maintenanceMargin),
        money(one.liquidationPrice),
      ]),
    ),
  ];
}

function exposureTables({ symbols, strategies, sectors }: AccountFigures): string[] {
  const table = (of: string, rows: readonly Exposure[]): string =>
    plainTable(
      [of, ...['gross', 'net', 'of equity'].map((number) => ({ number }))],
      rows.map(({ name, gross, net, share }) => [name, money(gross), money(net), percent(share)]),
    );
  if (symbols.length === 0) return ['Nothing is held.'];
  return [table('symbol', symbols), table('strategy', strategies), table('sector', sectors)];
}
