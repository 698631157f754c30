import { amountUnits } from '../../../../brokers/binance/asset-amount.ts';

const ONE = 100_000_000n;
const times = (a: bigint, b: bigint): bigint => (a * b) / ONE;
const sizeOf = (units: bigint): bigint => (units < 0n ? -units : units);
/** Share of a position's value below which what backs it must not fall, in thousandths. */
const MAINTENANCE = 4n;

/** A position in one-way mode: signed units, and what was paid for them. */
export interface BookPosition {
  quantity: bigint;
  cost: bigint;
}

/** The wallet and the positions of one account, margined across, in exact amounts. */
export class FuturesPositions {
  readonly #positions = new Map<string, BookPosition>();
  readonly #prices: ReadonlyMap<string, bigint>;
  wallet: bigint;

  constructor(wallet: string, prices: ReadonlyMap<string, bigint>) {
    this.wallet = amountUnits(wallet)!;
    this.#prices = prices;
  }

  get(symbol: string): BookPosition {
    const found = this.#positions.get(symbol) ?? { quantity: 0n, cost: 0n };
    this.#positions.set(symbol, found);
    return found;
  }

  get held(): readonly (readonly [symbol: string, position: BookPosition])[] {
    return [...this.#positions].filter(([, { quantity }]) => quantity !== 0n);
  }

  /** Books signed units at a price: what is closed is realised in the wallet. */
  book(symbol: string, quantity: bigint, price: bigint): void {
    const position = this.get(symbol);
    const closes = position.quantity * quantity < 0n;
    const held = sizeOf(position.quantity);
    const closed = !closes ? 0n : sizeOf(quantity) < held ? sizeOf(quantity) : held;
    if (closed > 0n) {
      const cost = (position.cost * closed) / held;
      const units = position.quantity < 0n ? -closed : closed;
      this.wallet += times(units, price) - cost;
      position.cost -= cost;
      position.quantity -= units;
    }
    const opened = quantity < 0n ? quantity + closed : quantity - closed;
    position.quantity += opened;
    position.cost += times(opened, price);
  }

  valueOf(symbol: string): bigint {
    return times(this.get(symbol).quantity, this.#prices.get(symbol) ?? 0n);
  }

  profitOf(symbol: string): bigint {
    return this.valueOf(symbol) - this.get(symbol).cost;
  }

  get equity(): bigint {
    return this.held.reduce((sum, [symbol]) => sum + this.profitOf(symbol), this.wallet);
  }

  /** Initial margin of what is held. */
  marginAt(leverageOf: (symbol: string) => number): bigint {
    return this.held.reduce((sum, [symbol]) => sum + sizeOf(this.valueOf(symbol)) / BigInt(leverageOf(symbol)), 0n);
  }

  maintenanceOf(symbol: string): bigint {
    return (sizeOf(this.valueOf(symbol)) * MAINTENANCE) / 1000n;
  }

  get maintenance(): bigint {
    return this.held.reduce((sum, [symbol]) => sum + this.maintenanceOf(symbol), 0n);
  }

  /** Price at which equity falls to what has to be there, the other prices as they are; 0 where none is. */
  liquidationPrice(symbol: string): bigint {
    const { quantity, cost } = this.get(symbol);
    if (quantity === 0n) return 0n;
    const others = this.held.filter(([name]) => name !== symbol);
    const rest = others.reduce((sum, [name]) => sum + this.profitOf(name) - this.maintenanceOf(name), this.wallet);
    // rest + quantity x price - cost = share x |quantity| x price
    const per = quantity * 1000n - sizeOf(quantity) * MAINTENANCE;
    const price = ((cost - rest) * ONE * 1000n) / per;
    return price > 0n ? price : 0n;
  }
}
