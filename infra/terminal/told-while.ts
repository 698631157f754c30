/** How often long work without a bar says how far it is. */
const TELL_MS = 5_000;

/** Tells, every five seconds while `work` is under way, how far it is. */
export async function toldWhile<T>(work: Promise<T>, tell: () => void, everyMs = TELL_MS): Promise<T> {
  const timer = setInterval(tell, everyMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
