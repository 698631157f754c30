import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { preciseClock } from '../../../infra/clock.ts';
import { DatabasePresence } from './database-presence.ts';

const ANSWER_MS_MAX = 100;

function makePresence() {
  const notes: string[] = [];
  const presence = new DatabasePresence({
    ping: () => Promise.resolve(),
    recover: () => Promise.resolve(),
    note: (text) => notes.push(text),
    answerMsMax: ANSWER_MS_MAX,
  });
  return { presence, notes };
}

/** Keeps the process from hearing any answer, as a user's own code does that is waited for. */
function stall(ms: number): void {
  const untilMs = preciseClock() + ms;
  while (preciseClock() < untilMs) continue;
}

describe('DatabasePresence', () => {
  it('counts the time alone in which the process could hear an answer', async () => {
    const { presence, notes } = makePresence();
    const asked = presence.ask(() => readFile(fileURLToPath(import.meta.url), 'utf8'), 'away');
    stall(4 * ANSWER_MS_MAX);
    expect(await asked).toContain('could hear an answer');
    expect(notes).toEqual([]);
    await presence.end();
  });

  it('takes a server that never answers as away, and as back once it answers', async () => {
    const { presence, notes } = makePresence();
    expect(await presence.ask(() => new Promise<string>(() => undefined), 'away')).toBe('away');
    await presence.untilBack();
    expect(notes).toEqual([
      `the database is away: no answer within ${ANSWER_MS_MAX} ms`,
      expect.stringMatching(/^the database is back after \d+ s$/),
    ]);
    await presence.end();
  });
});
