import type { ExtendedHours } from '../../pipelines/calendars/extended-hours.ts';
import type { ExecutionRules } from '../../models/experiment/execution/execution-schema.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import type { StateEffect } from '../effect.ts';

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
const time = (timeMs: number): string => new Date(timeMs).toISOString();

/** What stopped or bent a session, in words: halts one by one, daily losses as a count with the worst. */
export function sessionReasons(states: readonly StateEffect[]): string[] {
  const reasons = states.flatMap((state) => {
    if (state.cause === 'drawdown') {
      return [
        `drawdown of ${percent(state.value)} reached the limit of ${percent(state.limit)} at ${time(state.timeMs)}: ` +
          'nothing was opened from there on without consent',
      ];
    }
    if (state.cause === 'rejections') {
      return [
        `${state.value} orders were rejected in a row at ${time(state.timeMs)}: nothing was opened from there on ` +
          'without consent',
      ];
    }
    if (state.cause === 'unexplained-fill') {
      return [`the venue and the books differed at ${time(state.timeMs)}: only reduced from there on`];
    }
    if (state.cause === 'code-silent') {
      const does = state.limit === 0 ? ': only reduced from there on' : '';
      return [`code of its own did not answer at ${time(state.timeMs)} and was not asked again${does}`];
    }
    if (state.cause === 'away')
      return [`the connection to the venue was lost at ${time(state.timeMs)}: nothing opened`];
    if (state.cause === 'unrecorded') return [`the database was away at ${time(state.timeMs)}: nothing opened`];
    return state.cause === 'command' ? [`operator set "${state.state}" at ${time(state.timeMs)}`] : [];
  });
  const calls = states.filter((state) => state.cause === 'margin-call');
  if (calls.length > 0) {
    const worst = calls.reduce((a, b) => (b.value < a.value ? b : a));
    reasons.push(
      `margin called ${calls.length} time(s), at worst with equity of ${percent(worst.value)} of what was held ` +
        `at ${time(worst.timeMs)}, below ${percent(worst.limit)}: positions were reduced`,
    );
  }
  const losses = states.filter((state) => state.cause === 'daily-loss');
  if (losses.length > 0) {
    const worst = losses.reduce((a, b) => (b.value > a.value ? b : a));
    reasons.push(
      `daily loss limit of ${percent(worst.limit)} reached on ${losses.length} trading day(s), worst ` +
        `${percent(worst.value)} at ${time(worst.timeMs)}: openings stopped until the next trading day`,
    );
  }
  return reasons;
}

/** What there is to know of a session that trades before the open and after the close; nothing of others. */
export function extendedReasons(options: {
  readonly extended?: ExtendedHours | undefined;
  readonly protection?: ProtectionRule | undefined;
  readonly execution?: ExecutionRules | undefined;
}): string[] {
  const { extended, protection, execution } = options;
  if (extended === undefined) return [];
  const bound = execution?.extendedHours;
  return [
    'before the open and after the close only limits by themselves are executed: stops, trailing stops, exits that hang ' +
      'together and orders into auctions act in regular hours alone' +
      (protection === undefined ? '' : ', so that nothing protects a position outside of them'),
    bound === undefined
      ? 'market orders are refused there: execution.extendedHours: { maxSlippageBps: 30 } would bound them'
      : `market orders become limits there, at most ${bound.maxSlippageBps} bps worse than the price of the decision, ` +
        `for ${bound.withinMinutes} minutes`,
  ];
}
