import { StringDecoder } from 'node:string_decoder';
import { SignalboxError } from '../errors.ts';
import { maskJson, maskSecrets } from '../logging/mask-secrets.ts';
import { terminalSafe } from './terminal-safe.ts';

/** The exit code of a process that SIGPIPE ends, as `yes | head -1` has it. */
export const CUT_SHORT = 141;

/** How long a command whose reader is gone may take to put its things away. */
const CLOSING_MS = 5_000;

type Write = NodeJS.WriteStream['write'];

const unguarded = new WeakMap<NodeJS.WritableStream, Write>();
const whenClosed = new Set<(reason: SignalboxError) => void>();
let closed: SignalboxError | null = null;

/**
 * Lets nothing out on standard output and standard error but what a terminal may show, and no secret on standard error,
 * whoever writes: our commands, progress and log, and the packages we use. Where the reader is gone (`| head -1`) the
 * rest is dropped and the running command told to stop. Called once, by the program.
 */
export function guardStandardStreams(): void {
  guard(process.stdout, terminalSafe);
  guard(process.stderr, (text) => terminalSafe(text.startsWith('{"') ? maskJson(text) : maskSecrets(text)));
  process.once('uncaughtException', (error: Error) => {
    process.stderr.write(`error: ${error.stack ?? error.message}\n`);
    process.exit(1);
  });
}

/** Calls `listener` when nobody reads our output any more; the function returned ends that. */
export function onOutputClosed(listener: (reason: SignalboxError) => void): () => void {
  whenClosed.add(listener);
  return () => void whenClosed.delete(listener);
}

/** Whether `error` comes of it that nobody reads our output any more. */
export function isOutputClosed(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at === closed) return true;
  return false;
}

/** Why our output goes nowhere; null while it is read. */
export function closedOutput(): SignalboxError | null {
  return closed;
}

/** `stream` for writers whose own control sequences belong there: what they show must be safe already. */
export function withControls(stream: NodeJS.WritableStream): NodeJS.WritableStream {
  const write = unguarded.get(stream);
  return write === undefined ? stream : (Object.create(stream, { write: { value: write } }) as NodeJS.WritableStream);
}

function guard(stream: NodeJS.WriteStream, safe: (text: string) => string): void {
  const write = stream.write.bind(stream) as (text: string, done?: (error?: Error | null) => void) => boolean;
  unguarded.set(stream, write as Write);
  // Bytes may end in the middle of a character.
  const decoder = new StringDecoder('utf8');
  let broken = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (broken) return;
    broken = true;
    if (error.code !== 'EPIPE' && stream === process.stdout) cannotWrite(error);
    closeOutput();
  });
  const guarded = (chunk: string | Uint8Array, encoding?: unknown, callback?: () => void): boolean => {
    const done = typeof encoding === 'function' ? (encoding as () => void) : callback;
    if (!broken) return write(safe(typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk))), done);
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stream.write = guarded as Write;
}

function closeOutput(): void {
  if (closed !== null) return;
  closed = new SignalboxError('Nobody reads the output any more.');
  for (const listener of whenClosed) listener(closed);
  setTimeout(() => process.exit(CUT_SHORT), CLOSING_MS).unref();
}

/** A full disk, for one: the command has not done what it was asked for, whatever it says of itself. */
function cannotWrite(error: NodeJS.ErrnoException): void {
  process.stderr.write(`error: The result cannot be written to standard output (${error.code ?? error.message}).\n`);
  process.once('exit', () => (process.exitCode = 1));
}
