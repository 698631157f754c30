import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * The source a result came from. `commit` is null outside a git checkout; `dirty` says whether files differed from it.
 */
export interface SourceState {
  readonly commit: string | null;
  readonly dirty: boolean;
}

/**
 * Asks git about this checkout. An installed package without git or history answers `{ commit: null, dirty: false }`.
 */
export function sourceState(): SourceState {
  const commit = git(['rev-parse', '--verify', 'HEAD']);
  if (commit === null) return { commit: null, dirty: false };
  return { commit, dirty: (git(['status', '--porcelain', '--untracked-files=no']) ?? '') !== '' };
}

function git(args: readonly string[]): string | null {
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', [...args], { cwd: ROOT, encoding: 'utf8', stdio, timeout: 30_000 }).trim();
  } catch (error) {
    // No git, no repository or no commit yet: an answer, not a failure. Anything else is not expected from these calls.
    if (error instanceof Error && ('status' in error || 'code' in error)) return null;
    throw error;
  }
}
