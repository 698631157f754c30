import type { RequestFault } from '../stand-in-faults.ts';

/** Fields of quantities, in the answers and messages of all venues. */
const QUANTITIES = 'qty|filled_qty|cum_qty|origQty|executedQty|positionAmt|free|quantity|z|q|l';
const PRICES = 'price|avg_entry_price|entryPrice|L';
const TIMES = 'transaction_time|timestamp|serverTime|time';

const replaced = (fields: string, by: (value: string) => string) => (text: string) =>
  text.replace(new RegExp(`"(${fields})":\\s*"?(-?[\\w.:+-]+)"?`, 'g'), (_all, field: string, value: string) =>
    JSON.stringify(value) === '"null"' ? `"${field}":null` : `"${field}":${by(value)}`,
  );
const answer = (by: (text: string) => string, status?: number): RequestFault =>
  status === undefined ? { kind: 'altered', by } : { kind: 'altered', by, status };

/** A page of a server between us and the venue. */
const PAGE = '<!doctype html><html><body>no such page</body></html>';

/** Answers that no venue can mean, by what is wrong with them. */
export const ALTERED: readonly (readonly [string, RequestFault])[] = [
  ['a page with status 404', answer(() => PAGE, 404)],
  ['a page with status 502', answer(() => PAGE, 502)],
  ['a page with status 403', answer(() => PAGE, 403)],
  ['nothing with status 401', answer(() => '', 401)],
  ['a page with status 407', answer(() => PAGE, 407)],
  ['an error of a gateway with status 422', answer(() => '{"code":422,"msg":"no","message":"no"}', 422)],
  ['an empty answer', answer(() => '')],
  ['null', answer(() => 'null')],
  ['an object without a field', answer(() => '{}')],
  ['a list of numbers', answer(() => '[1]')],
  ['quantities that are null', answer(replaced(QUANTITIES, () => 'null'))],
  ['quantities that are "NaN"', answer(replaced(QUANTITIES, () => '"NaN"'))],
  ['quantities that are empty', answer(replaced(QUANTITIES, () => '""'))],
  ['quantities that are words', answer(replaced(QUANTITIES, () => '"ten"'))],
  ['negative quantities', answer(replaced(QUANTITIES, (value) => `"-${value.replace('-', '')}"`))],
  ['prices that are null', answer(replaced(PRICES, () => 'null'))],
  ['prices that are "NaN"', answer(replaced(PRICES, () => '"NaN"'))],
  ['negative prices', answer(replaced(PRICES, (value) => `"-${value}"`))],
  ['times that are words', answer(replaced(TIMES, () => '"yesterday"'))],
  ['another symbol', answer((text) => text.replace(/"symbol":"\w+"/g, '"symbol":"ZZZZZZ"'))],
];

/** The same in another spelling: it is to be read. */
export const RESPELT: readonly (readonly [string, RequestFault])[] = [
  [
    'quantities as numbers',
    answer(replaced('qty|filled_qty|cum_qty|origQty|executedQty|positionAmt', (value) => value)),
  ],
  [
    'quantities with an exponent',
    answer(replaced('qty|filled_qty|cum_qty|origQty|executedQty|positionAmt', (value) => `"${Number(value)}e0"`)),
  ],
];
