import type { CommandOutput } from '../../command.ts';
import { writeWholeFile } from '../../files/write-whole-file.ts';

/** `alerts push-keys FILE`: makes the keys of web push. They go to FILE as variables, which only its owner reads. */
export async function pushKeysCommand(file: string): Promise<CommandOutput> {
  const { default: webPush } = await import('web-push');
  const { publicKey, privateKey } = webPush.generateVAPIDKeys();
  const content = [
    '# Browsers that subscribe with these are told by these alone: keep them.',
    `SIGNALBOX_ALERT_PUSH_PUBLIC=${publicKey}`,
    `SIGNALBOX_ALERT_PUSH_PRIVATE=${privateKey}`,
    '# Whom push services may write to: mailto:ADDRESS or https://...',
    'SIGNALBOX_ALERT_PUSH_SUBJECT=',
    '',
  ].join('\n');
  await writeWholeFile(file, content, { mustBeNew: true });
  return { value: { publicKey, file }, text: () => `The keys are in ${file}: set them where the service runs.` };
}
