import { notifications } from '@mantine/notifications';
import type { Tried } from './alert-queries.ts';

/** Says what channels answered to a test. */
export function showTried(tried: readonly Tried[]): void {
  if (tried.length === 0) {
    const message = 'No channel that is told is configured where the service runs.';
    notifications.show({ title: 'Nothing was sent', message, color: 'yellow' });
  }
  for (const { channel, answer } of tried) {
    notifications.show({
      title: answer === null ? `${channel}: the test arrived` : `${channel}: the test did not arrive`,
      message: answer ?? 'The channel has taken it.',
      color: answer === null ? 'teal' : 'red',
    });
  }
}
