import { expect, it } from 'vitest';
import { InputError, SignalboxError } from '../errors.ts';
import { problemOfJob } from './problem-of-job.ts';

it('is an answer where somebody can act on it, with what to do', () => {
  expect(problemOfJob(new InputError('There is no AAA.', 'Bring it in.'))).toBe('There is no AAA. Bring it in.');
  expect(problemOfJob(new SignalboxError('The vendor is away.', { remedy: '' }))).toBe('The vendor is away.');
});

it('is thrown anew where the job is to be tried again, and where nobody foresaw it', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const outage = new SignalboxError('PostgreSQL is away.', { remedy: 'Wait.', cause });
  const unforeseen = new TypeError('x is undefined');
  for (const error of [outage, unforeseen]) expect(() => problemOfJob(error)).toThrow(error);
});
