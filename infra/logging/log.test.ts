import { expect, it } from 'vitest';
import { createLogger } from './log.ts';

it('logs JSON lines without secrets', () => {
  const lines: string[] = [];
  const log = createLogger({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) });
  log.info(
    { password: 'hunter2', broker: { apiKey: 'hunter2', name: 'paper' }, url: 'redis://:hunter2@host' },
    'opened',
  );
  log.warn('cannot reach postgres://me:hunter2@host/db');
  log.error(new Error('password=hunter2 refused'));
  log.debug('below the level');
  expect(lines).toHaveLength(3);
  expect(lines.join('')).not.toContain('hunter2');
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 30, msg: 'opened', broker: { name: 'paper' }, password: '***' });
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
});
