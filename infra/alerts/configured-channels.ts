import type { Config } from '../config.ts';
import { createLogger } from '../logging/log.ts';
import type { AlertChannel } from './alert.ts';
import { LogChannel } from './log-channel.ts';
import { WebhookChannel } from './webhook-channel.ts';

/** The channels that alerts of this process go to: its log, and the webhook of SIGNALBOX_ALERT_WEBHOOK. */
export function configuredChannels(config: Pick<Config, 'alertWebhook' | 'logLevel'>): readonly AlertChannel[] {
  const log = new LogChannel(createLogger(config));
  return config.alertWebhook === null ? [log] : [log, new WebhookChannel(config.alertWebhook)];
}
