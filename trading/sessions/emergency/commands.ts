import type { Command } from 'commander';
import { operatorOf } from '../../../infra/audit/operator.ts';
import { addCommand, bindAction } from '../../../infra/command.ts';

interface EmergencyOptions {
  readonly session?: string;
  readonly reason?: string;
  readonly flatten?: boolean;
  readonly consent?: string;
}

const tellSessions = async () => (await import('../operators/tell-sessions.ts')).tellSessions;

/** Registers `emergency-stop`, and `resume`, which ends it. */
export function registerEmergencyCommands(program: Command): void {
  const stop = addCommand(
    program,
    'emergency-stop',
    'hear no signal, cancel every order, and only observe from here on',
  );
  stop.option('--session <ID>', 'only this session (default: every session that is running)');
  stop.option('--flatten', 'close every position besides');
  stop.option('--reason <TEXT>', 'why: recorded in the audit');
  bindAction<EmergencyOptions>(stop, async (context, { session, reason, flatten }) => {
    const telling = { sessionId: session, actor: operatorOf(context.config), reason };
    const word = flatten === true ? 'emergency-flatten' : 'emergency-stop';
    return (await tellSessions())(await context.database(), word, telling);
  });
  const resume = addCommand(program, 'resume', 'go on; after a drawdown breach this is the consent it waits for');
  resume.option('--session <ID>', 'only this session (default: every session that is running)');
  resume.option('--reason <TEXT>', 'why: recorded in the audit');
  resume.option('--consent <TEXT>', '"resume ID", typed whole, where it was stopped in an emergency');
  bindAction<EmergencyOptions>(resume, async (context, { session, reason, consent }) => {
    const telling = { sessionId: session, actor: operatorOf(context.config), reason, consent };
    return (await tellSessions())(await context.database(), 'resume', telling);
  });
}
