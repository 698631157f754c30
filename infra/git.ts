import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cutText } from './logging/storable-text.ts';
import { maskSecrets } from './logging/mask-secrets.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * The source a result came from. `commit` is null outside a git checkout; `dirty` says whether files differed from it.
 */
export interface SourceState {
  readonly commit: string | null;
  readonly dirty: boolean;
}

/** More is not read by anybody; what is longer is cut. */
const DIFFERENCE_MAX = 1_000_000;
const OUTPUT_BYTES_MAX = 64 << 20;

/**
 * Asks git about the checkout at `root`, which is this one. An installed package without git or history answers
 * `{ commit: null, dirty: false }`.
 */
export function sourceState(root = ROOT): SourceState {
  const commit = asked(root, ['rev-parse', '--verify', 'HEAD']);
  if (commit === null) return { commit: null, dirty: false };
  return { commit, dirty: (asked(root, ['status', '--porcelain', '--untracked-files=no']) ?? '') !== '' };
}

/** By what files differ from the commit, as `git diff` says it, secrets masked; null where they do not. */
export function sourceDifference(root = ROOT): string | null {
  const text = asked(root, ['diff', '--no-color', '--no-ext-diff', 'HEAD']) ?? '';
  return text === '' ? null : `${cutText(maskSecrets(text), DIFFERENCE_MAX)}\n`;
}

function asked(cwd: string, words: readonly string[]): string | null {
  const options = { cwd, encoding: 'utf8', timeout: 30_000, maxBuffer: OUTPUT_BYTES_MAX } as const;
  try {
    return execFileSync('git', [...words], { ...options, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch (error) {
    // No git, no repository or no commit yet: an answer, not a failure. Anything else is not expected from these calls.
    if (error instanceof Error && ('status' in error || 'code' in error)) return null;
    throw error;
  }
}
