import type { Command } from '../effect.ts';
import type { Closings } from './closings.ts';
import type { EngineParts } from './engine-parts.ts';

/** An operator's word takes effect at once: openings stop, orders are cancelled, or all is closed. */
export function obeyCommand(
  { command, timeMs, kind }: Command,
  { risk, emit }: Pick<EngineParts, 'risk' | 'emit'>,
  { cancelOwn, closings }: { readonly cancelOwn: (which: 'openings' | 'all') => void; readonly closings: Closings },
): void {
  emit(risk.state.onCommand({ kind, timeMs, command }));
  // No kill switch leaves an order that would open.
  if (command !== 'resume') cancelOwn(command === 'flatten' ? 'all' : 'openings');
  if (command === 'reduce' || command === 'flatten') closings.cancelWorking(timeMs, 'all');
  if (command === 'flatten') closings.flatten(timeMs);
}
