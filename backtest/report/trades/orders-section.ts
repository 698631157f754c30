import type { BarColumns } from '../../../features/bar.ts';
import type { OrderTrace } from '../../analysis/order-trace.ts';
import { amount, decimal, percent, plural, units } from '../../number-format.ts';
import { firstAtOrAfter } from '../../statistics/equity-before.ts';
import { html, type Markup } from '../html.ts';
import type { ReportInput } from '../report-input.ts';

/** Orders shown, newest first. */
const ORDERS_SHOWN = 60;
/** Features shown of a row. */
const FEATURES_SHOWN = 40;

const second = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
const fact = (name: string, value: Markup | string): Markup =>
  html`<dt>${name}</dt>
    <dd>${value}</dd> `;

/** The newest orders; each unfolds to the bar, features, model, signal, risk decision and fills behind it. */
export function ordersSection(input: ReportInput): Markup | null {
  const { orders } = input.analysis.trace;
  if (orders.length === 0) return null;
  const shown = orders.slice(-ORDERS_SHOWN).reverse();
  return html`<section aria-labelledby="orders">
    <h2 id="orders">Last orders</h2>
    <p class="note">
      ${plural(shown.length, 'order')}, newest first, times in UTC. Each unfolds to what it was based on and what came
      of it.
    </p>
    ${shown.map((traced) => orderRow(traced, input))}
  </section>`;
}

function orderRow(traced: OrderTrace, input: ReportInput): Markup {
  const { order, symbol } = traced;
  const bars = input.analysis.bars.find((columns) => columns.symbol === symbol)!;
  return html`<details class="order">
    <summary>
      <span>${second(order.timeMs).slice(0, 16)}</span><strong>${symbol}</strong>
      <span>${order.direction > 0 ? 'buy' : 'sell'} ${sizeText(traced)}</span><span>${outcomeText(traced)}</span>
    </summary>
    <dl class="facts">
      ${fact('Order', `number ${order.sequence}: ${termsText(traced)}`)} ${fact('Bar', barText(order.timeMs, bars))}
      ${featureFacts(traced, input)} ${fact('Signal', signalText(traced))} ${fact('Risk', riskText(traced))}
      ${fact('Fills', fillsText(traced))}
      ${traced.updates.length === 0 ? null : fact('Afterwards', updatesText(traced))}
    </dl>
  </details>`;
}

function sizeText({ order, fills }: OrderTrace): string {
  const filled = fills.reduce((sum, { quantity }) => sum + quantity, 0);
  if (filled !== 0) return units(filled);
  return order.fraction > 0 ? percent(order.fraction, 1) : units(order.quantity);
}

function outcomeText({ order, fills, updates }: OrderTrace): string {
  const role = order.terms === null ? '' : `${order.terms.role}, `;
  if (fills.length > 0) return `${role}filled at ${fills.map(({ price }) => amount(price)).join(', ')}`;
  const last = updates.at(-1);
  return `${role}${last === undefined ? 'not filled' : last.state.toLowerCase()}`;
}

function termsText({ order }: OrderTrace): string {
  const { terms, reduces } = order;
  const what = reduces ? 'reduces only' : order.fraction > 0 ? `to ${percent(order.fraction, 1)} of equity` : 'opens';
  if (terms === null) return `at the next price, ${what}`;
  const trail = terms.trailShare > 0 ? percent(terms.trailShare) : amount(terms.trail);
  const at = terms.price > 0 ? ` at ${amount(terms.price)}` : '';
  return `${terms.role} (${terms.type})${at}${terms.type === 'trailing' ? `, trails by ${trail}` : ''}, ${what}`;
}

function barText(timeMs: number, bars: BarColumns): string {
  const at = firstAtOrAfter(bars.closeTimeMs.subarray(0, bars.length), timeMs);
  if (at === bars.length || bars.closeTimeMs[at] !== timeMs) return `made at ${second(timeMs)}, between closes`;
  const prices = (['open', 'high', 'low', 'close'] as const).map((name) => `${name} ${amount(bars[name][at]!)}`);
  return `closed ${second(timeMs)}: ${prices.join(', ')}, volume ${decimal(bars.volume[at]!, 0)}`;
}

/** The row of features and the model of an experiment; rules decide from the bars alone. */
function featureFacts({ order, symbol, signal }: OrderTrace, { decision }: ReportInput): Markup | null {
  if (decision === undefined || signal === null) return null;
  const decidedAt = signal.decidedAtMs ?? order.timeMs;
  const features = decision.featuresOf(symbol, decidedAt);
  const model = signal.model ?? decision.modelOf(symbol, decidedAt);
  const row =
    features === null
      ? 'no labelled row at that close'
      : features
          .slice(0, FEATURES_SHOWN)
          .map(([name, value]) => `${name} ${Number.isNaN(value) ? 'missing' : Number(value.toPrecision(5))}`)
          .join(', ') + (features.length > FEATURES_SHOWN ? `, and ${features.length - FEATURES_SHOWN} more` : '');
  return html`${fact('Feature row', `${symbol} at ${second(decidedAt)}: ${row}`)} ${fact('Model', model ?? 'none')}`;
}

function signalText({ signal, order }: OrderTrace): string {
  if (signal === null) {
    if (order.terms === null) return 'none: risk ordered it';
    return order.terms.role === 'order' ? 'none: the strategy placed the order itself' : 'none: it protects a position';
  }
  const { action, probability, confidence, reason, novelty } = signal;
  const up = probability === null ? 'rule' : `probability of up ${percent(probability, 1)}`;
  const far = novelty === undefined || novelty === null ? '' : `, novelty ${decimal(novelty)}`;
  return `${action}, ${up}, confidence ${decimal(confidence)}${far}${reason === '' ? '' : `: ${reason}`}`;
}

function riskText({ order }: OrderTrace): string {
  return order.clippedBy === null ? 'approved as asked' : `approved, cut by ${order.clippedBy}`;
}

function fillsText({ fills }: OrderTrace): string {
  if (fills.length === 0) return 'none';
  return fills
    .map(
      ({ timeMs, quantity, price, fee, slippage }) =>
        `${second(timeMs)}: ${units(quantity)} at ${amount(price)}, fee ${amount(fee)}, slippage ${amount(slippage)}`,
    )
    .join('; ');
}

function updatesText({ updates }: OrderTrace): string {
  return updates
    .map(({ timeMs, state, code }) => `${second(timeMs)}: ${state}${code === null ? '' : `, ${code}`}`)
    .join('; ');
}
