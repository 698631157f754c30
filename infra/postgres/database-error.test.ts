import { describe, expect, it } from 'vitest';
import { InputError, SignalboxError } from '../errors.ts';
import { databaseError, isOutage } from './database-error.ts';

const failure = (code: string, message = 'server text'): Error => Object.assign(new Error(message), { code });

describe('databaseError', () => {
  it.each([
    ['53100', /disk .* is full/],
    ['53300', /no connection left/],
    ['57P03', /starting or shutting down/],
    ['42501', /may not do this/],
    ['ETIMEDOUT', /does not answer/],
  ])('explains %s with a remedy', (code, message) => {
    expect(databaseError(failure(code), 'host:1/db')).toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/\w/),
    });
  });

  it('finds the code inside an AggregateError', () => {
    const error = new AggregateError([failure('ECONNREFUSED'), failure('ECONNREFUSED')], 'all failed');
    expect(databaseError(error, 'host:1/db')).toMatchObject({ message: expect.stringContaining('nothing listens') });
  });

  it.each(['Connection terminated unexpectedly', 'Client has encountered a connection error and is not queryable'])(
    'knows an outage that has no code: %s',
    (message) => {
      expect(isOutage(new Error(message))).toBe(true);
      expect(isOutage(new SignalboxError('ours', { cause: new Error(message) }))).toBe(true);
      expect(isOutage(new Error(`no ${message}`))).toBe(false);
    },
  );

  it('masks a password in the text of the server', () => {
    const error = databaseError(failure('53100', 'postgres://me:hunter2@host/db'), 'host:1/db');
    expect(String(error)).not.toContain('hunter2');
  });

  it('leaves other errors as they are', () => {
    const unforeseen = failure('23505');
    expect(databaseError(unforeseen, 'x')).toBe(unforeseen);
    const ours = new InputError('ours');
    expect(databaseError(ours, 'x')).toBe(ours);
  });
});
