import type { Config } from '../config.ts';
import { createLogger } from '../logging/log.ts';
import type { AlertChannel, AlertSeverity } from './alert.ts';
import { EmailChannel } from './channels/email-channel.ts';
import { LogChannel } from './channels/log-channel.ts';
import { SlackChannel } from './channels/slack-channel.ts';
import { TelegramChannel } from './channels/telegram-channel.ts';
import { WebhookChannel } from './channels/webhook-channel.ts';

/** The channels that alerts of this process go to: its log, and whatever else is configured. */
export function configuredChannels(
  config: Pick<Config, 'alertWebhook' | 'logLevel' | 'alerts'>,
): readonly AlertChannel[] {
  const { slack, email, telegram, template } = config.alerts;
  return [
    new LogChannel(createLogger(config)),
    ...(config.alertWebhook === null ? [] : [new WebhookChannel(config.alertWebhook)]),
    ...(slack === null ? [] : [new SlackChannel(slack, template)]),
    ...(email === null ? [] : [new EmailChannel(email, template)]),
    ...(telegram === null ? [] : [new TelegramChannel(telegram, template)]),
  ];
}

const RANK: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, critical: 2 };

/** Names of the channels that are told of what is as severe as that. */
export function channelsFor(
  names: readonly string[],
  severity: AlertSeverity,
  { least }: Pick<Config['alerts'], 'least'>,
): readonly string[] {
  return names.filter((name) => RANK[severity] >= RANK[least[name] ?? 'info']);
}
