import { describe, expect, it } from 'vitest';
import { SignalboxError } from '../errors.ts';
import { acrossOutages } from './across-outages.ts';

const outage = (code = 'ECONNREFUSED'): Error => Object.assign(new Error('away'), { code });
const wrapped = new SignalboxError('PostgreSQL refused the connection.', { cause: outage('57P03') });

/** Fails with each of `errors` in turn, then answers. */
function failing(...errors: readonly Error[]): { work: () => Promise<string>; attempts: () => number } {
  let attempts = 0;
  const work = async (): Promise<string> => {
    const error = errors[attempts++];
    if (error !== undefined) throw error;
    return 'done';
  };
  return { work, attempts: () => attempts };
}

describe('acrossOutages', () => {
  it('does the work again until the database is back', async () => {
    const { work, attempts } = failing(outage(), wrapped, outage('57P01'), outage('ECONNRESET'));
    expect(await acrossOutages(work, { pauseMs: 1 })).toBe('done');
    expect(attempts()).toBe(5);
  });

  it('throws any other failure at once', async () => {
    const { work, attempts } = failing(outage(), new Error('no room'));
    await expect(acrossOutages(work, { pauseMs: 1 })).rejects.toThrow('no room');
    expect(attempts()).toBe(2);
  });

  it('gives up when the outage lasts, and when it is told to stop', async () => {
    const lasting = failing(...Array.from({ length: 1_000 }, () => outage()));
    await expect(acrossOutages(lasting.work, { pauseMs: 5, waitMsMax: 50 })).rejects.toThrow('away');
    expect(lasting.attempts()).toBeGreaterThan(2);
    const stopped = failing(outage());
    await expect(acrossOutages(stopped.work, { signal: AbortSignal.abort(), pauseMs: 1 })).rejects.toThrow('away');
    expect(stopped.attempts()).toBe(1);
  });
});
