import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { isoDay, parseDay } from '../calendars/day.ts';
import { DataManager } from '../vendors/asking/data-manager.ts';
import { stockOf } from '../vendors/symbols.ts';
import type { VendorAction } from '../vendors/vendor-actions.ts';
import { VendorError, type VendorErrorKind } from '../vendors/vendor-error.ts';
import type { Vendor, VendorName } from '../vendors/vendor.ts';
import { fetchSourcedActions, type SourcedActions } from './vendor-actions-source.ts';

const calendar = calendarNamed('us-equities');
const startOf = (iso: string): number => calendar.dayStartMs(parseDay(iso)!);
const ask = {
  symbol: 'AAPL',
  calendar: 'us-equities',
  fromMs: startOf('2020-01-02'),
  toMs: startOf('2021-01-01'),
} as const;

let id = 0;
function action(kind: VendorAction['kind'], ex: string, value: number, announced?: string): VendorAction {
  return {
    id: String(id++),
    kind,
    exDay: parseDay(ex)!,
    value,
    announcedDay: announced === undefined ? null : parseDay(announced)!,
  };
}

function managed(name: VendorName, answer: readonly VendorAction[] | VendorErrorKind) {
  const asked: string[] = [];
  const vendor: Vendor = {
    name,
    earliestMs: () => 0,
    instrumentOf: stockOf,
    originOf: () => 'stub',
    history: () => {
      throw new Error('not asked for');
    },
    latestQuote: () => Promise.reject(new Error('not asked for')),
    actions: async ({ fromDay, toDay }) => {
      asked.push(`${isoDay(fromDay)} ${isoDay(toDay)}`);
      if (typeof answer !== 'string') return { actions: answer, passedOver: [] };
      throw new VendorError({ kind: answer, vendor: name, endpoint: 'actions', detail: 'stub' });
    },
  };
  return { vendor, gate: { broken: false, heldMs: 0 }, asked };
}

async function fetched(...vendors: readonly ReturnType<typeof managed>[]) {
  const waits = { sleep: async () => undefined, random: createRandom(1) };
  const manager = new DataManager({ vendors, clock: () => ask.toMs, ...waits });
  return fetchSourcedActions(manager, ask, { first: vendors[0]!.vendor.name });
}

async function actionsOf(...actions: readonly VendorAction[]): Promise<unknown[]> {
  const { actions: found } = (await fetched(managed('polygon', actions))) as SourcedActions;
  return found.map(({ kind, exDay, value, knownAtMs }) => [
    kind,
    isoDay(exDay),
    value,
    isoDay(calendar.dayAt(knownAtMs!)),
  ]);
}

describe('splits and dividends of a vendor', () => {
  it('are known when the day of their announcement is over, or when the ex-date begins where none is said', async () => {
    expect(
      await actionsOf(
        action('split', '2020-08-31', 4),
        action('dividend', '2020-11-06', 0.2, '2020-10-29'),
        action('dividend', '2020-12-01', 0.1, '2020-12-01'),
      ),
    ).toEqual([
      ['split', '2020-08-31', 4, '2020-08-31'],
      ['dividend', '2020-11-06', 0.2, '2020-10-30'],
      ['dividend', '2020-12-01', 0.1, '2020-12-02'],
    ]);
  });

  it('of one day are one: dividends their sum, known when all are, splits their product', async () => {
    const dividends = [
      action('dividend', '2020-11-06', 0.25, '2020-10-29'),
      action('dividend', '2020-11-06', 1, '2020-11-02'),
    ];
    expect(await actionsOf(...dividends)).toEqual([['dividend', '2020-11-06', 1.25, '2020-11-03']]);
    const unsaid = [dividends[0]!, action('dividend', '2020-11-06', 1)];
    expect(await actionsOf(...unsaid)).toEqual([['dividend', '2020-11-06', 1.25, '2020-11-06']]);
    const splits = [2, 2, 1.5].map((value) => action('split', '2020-08-31', value));
    expect(await actionsOf(...splits)).toEqual([['split', '2020-08-31', 3, '2020-08-31']]);
  });

  it('count once where they are listed twice, and that is said', async () => {
    const listed = ['2020-12-09', '2020-12-09', '2020-06-09'].map((day) => action('dividend', day, 0.375));
    expect(await fetched(managed('polygon', listed))).toMatchObject({
      actions: [{ value: 0.375 }, { value: 0.375 }],
      passedOver: ['the dividend of 2020-12-09, 0.375, is listed again'],
    });
    const rounded = [action('dividend', '2020-12-09', 0.092), action('dividend', '2020-12-09', 0.0916667)];
    expect(await fetched(managed('polygon', rounded))).toMatchObject({
      actions: [{ value: 0.0916667 }],
      passedOver: ['the dividend of 2020-12-09, 0.092, is listed again'],
    });
  });

  it('are asked for over the days of the bars, of the next vendor while the first is out', async () => {
    const [alpaca, polygon] = [managed('alpaca', 'unavailable'), managed('polygon', [])];
    expect(await fetched(alpaca, polygon)).toMatchObject({
      vendor: 'polygon',
      because: /alpaca is not available/,
    });
    expect(polygon.asked).toEqual(['2020-01-02 2020-12-31']);
  });

  it('are missing with a reason where the vendor refuses them, which no other covers up', async () => {
    const polygon = managed('polygon', []);
    expect(await fetched(managed('alpaca', 'forbidden'), polygon)).toEqual({
      missing: expect.stringMatching(/alpaca does not permit this/) as unknown,
    });
    expect(polygon.asked).toEqual([]);
  });

  it('end the work where all are out, with the way to go without', async () => {
    await expect(fetched(managed('alpaca', 'unavailable'), managed('polygon', 'timed-out'))).rejects.toMatchObject({
      exitCode: 1,
      message: /polygon, asked instead/,
      remedy: /--actions none/,
    });
  });
});
