import { readFileSync } from 'node:fs';

// Loaded into a process before anything else, this puts its clocks where a test steers them: STEERED_CLOCK names a file
// with two numbers, a moment and when, by the machine's clock, it was that. From there on time passes as it does, until
// the file says otherwise. Timers are the machine's.

const path = process.env.STEERED_CLOCK;
const RealDate = Date;
const machineMs = Date.now.bind(Date);
/** A process reads its clock often, and a file takes longer. */
const READ_EVERY_MS = 1;
const steered = { readMs: -Infinity, shiftMs: 0 };

function nowMs() {
  const realMs = machineMs();
  if (realMs - steered.readMs >= READ_EVERY_MS || realMs < steered.readMs) {
    const [atMs, sinceMs] = readFileSync(path, 'utf8').split(' ').map(Number);
    steered.shiftMs = atMs - sinceMs;
    steered.readMs = realMs;
  }
  return realMs + steered.shiftMs;
}

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(nowMs());
    else super(...given);
  }

  static now() {
    return nowMs();
  }
};
performance.now = () => nowMs() - performance.timeOrigin;
