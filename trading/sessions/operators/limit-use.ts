/** What of an account tells how much of its limits is used, here as in JSON. */
interface Figures {
  readonly equity: number;
  readonly gross: number;
  readonly net: number;
  readonly leverage: number | null;
  readonly dayReturn: number | null;
  readonly dayPnl: number;
  readonly symbols: readonly { readonly gross: number }[];
  readonly sectors: readonly { readonly gross: number }[];
}

/** One limit by its whole name, with what is used of it where the account tells. */
export interface LimitRow {
  readonly name: string;
  readonly value: unknown;
  /** In the unit of the limit; null where the account's figures do not tell. */
  readonly used: number | null;
}

/** Limits that are set, those within a limit by `name.part`; what is off is left out. */
export function limitRows(limits: Readonly<Record<string, unknown>>, figures: Figures | null): readonly LimitRow[] {
  return leavesOf(limits, '').map(({ name, value }) => ({ name, value, used: usedOf(name, figures) }));
}

function leavesOf(limits: Readonly<Record<string, unknown>>, path: string): { name: string; value: unknown }[] {
  return Object.entries(limits).flatMap(([key, value]) => {
    if (value === null || value === undefined) return [];
    const isGroup = typeof value === 'object' && !Array.isArray(value);
    return isGroup
      ? leavesOf(value as Readonly<Record<string, unknown>>, `${path}${key}.`)
      : [{ name: `${path}${key}`, value }];
  });
}

type Use = (figures: Figures) => number;

const largest = (parts: readonly { gross: number }[]): number =>
  parts.reduce((most, { gross }) => Math.max(most, gross), 0);
const shareOf = (amount: number, { equity }: Figures): number => (equity > 0 ? amount / equity : 0);

/** What the figures of an account tell; other limits are about orders, or need a history of prices. */
const USES: Readonly<Record<string, Use>> = {
  positionFraction: (figures) => shareOf(largest(figures.symbols), figures),
  positionNotional: ({ symbols }) => largest(symbols),
  grossExposureFraction: (figures) => shareOf(figures.gross, figures),
  grossExposureNotional: ({ gross }) => gross,
  netExposureFraction: (figures) => shareOf(Math.abs(figures.net), figures),
  netExposureNotional: ({ net }) => Math.abs(net),
  sectorExposureFraction: (figures) => shareOf(largest(figures.sectors), figures),
  sectorExposureNotional: ({ sectors }) => largest(sectors),
  leverage: ({ leverage }) => leverage ?? 0,
  dailyLossFraction: ({ dayReturn }) => Math.max(0, -(dayReturn ?? 0)),
  dailyLossAmount: ({ dayPnl }) => Math.max(0, -dayPnl),
};

function usedOf(name: string, figures: Figures | null): number | null {
  const use = USES[name];
  return use === undefined || figures === null ? null : use(figures);
}

/** Whether a limit is a share of equity: it reads better as per cent. */
export const isShare = (name: string): boolean => /Fraction$|^fraction$|\.fraction$|Share$/.test(name);
