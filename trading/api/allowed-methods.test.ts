import { expect, it } from 'vitest';
import { AllowedMethods } from './allowed-methods.ts';

it('names every method of a path, whatever stands in its parts', () => {
  const allowed = new AllowedMethods([
    { method: 'GET', path: '/api/v1/orders' },
    { method: 'POST', path: '/api/v1/orders' },
    { method: 'DELETE', path: '/api/v1/orders/:order' },
    { method: 'GET', path: '/api/v1/orders/:order' },
    { method: 'GET', path: '/api/v1/a.b' },
  ]);
  expect(allowed.at('/api/v1/orders')).toBe('GET, HEAD, POST');
  expect(allowed.at('/api/v1/orders/')).toBe('GET, HEAD, POST');
  expect(allowed.at('/api/v1/orders/BTC%2FUSDT')).toBe('DELETE, GET, HEAD');
  expect(allowed.at('/api/v1/orders/1/more')).toBeUndefined();
  expect(allowed.at('/api/v1/aXb')).toBeUndefined();
});

it('names those of the path as it is written before those of one whose parts vary', () => {
  const allowed = new AllowedMethods([
    { method: 'GET', path: '/api/v1/experiments/:experiment' },
    { method: 'POST', path: '/api/v1/experiments/check' },
  ]);
  expect(allowed.at('/api/v1/experiments/check')).toBe('POST');
  expect(allowed.at('/api/v1/experiments/mine')).toBe('GET, HEAD');
});
