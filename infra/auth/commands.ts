import type { Command } from 'commander';
import { addCommand, bindAction, type CommandOutput } from '../command.ts';
import type { TokenOptions, UserOptions } from './account-commands.ts';
import { ROLES } from './roles.ts';

const actions = () => import('./account-commands.ts');
const ROLE = `one of ${ROLES.join(', ')}`;

/** Registers `users` and `tokens`: who may use the service, and what they may. @param access the table of roles */
export function registerAuthCommands(program: Command, access: () => Promise<CommandOutput>): void {
  const users = program.command('users').description('who may sign in to the service').exitOverride();
  const list = addCommand(users, 'list', 'all users', { isDefault: true });
  bindAction<object>(list, async (context) => (await actions()).listUsersCommand(context));
  const add = addCommand(users, 'add <name>', 'add a user, who chooses a password by the one-time link that is shown')
    .option('--role <NAME>', ROLE, 'viewer')
    .option('--session <ID...>', 'only these sessions (default: all)');
  bindAction<UserOptions>(add, async (context, options, name) =>
    (await actions()).addUserCommand(context, options, name!),
  );
  const change = addCommand(users, 'change <name>', 'change what a user may, or let them in no more')
    .option('--role <NAME>', ROLE)
    .option('--session <ID...>', 'only these sessions')
    .option('--all-sessions', 'all sessions')
    .option('--disable', 'let them in no more; their sign-ins end')
    .option('--enable', 'let them in again')
    .option('--provider-subject <TEXT>', 'who they are at the identity provider: issuer and subject');
  bindAction<UserOptions>(change, async (context, options, name) =>
    (await actions()).changeUserCommand(context, options, name!),
  );
  const link = addCommand(users, 'link <name>', 'a new one-time link for a user who has none or forgot the password');
  bindAction<object>(link, async (context, _options, name) => (await actions()).linkCommand(context, name!));
  const roles = addCommand(
    users,
    'roles',
    'which role may ask for which route of the service and channel of its socket',
  );
  bindAction<object>(roles, access);
  const reset = addCommand(users, 'reset-code <name>', 'ask a user for no code any more who has lost what makes it');
  bindAction<object>(reset, async (context, _options, name) => (await actions()).resetCodeCommand(context, name!));
  const need = addCommand(
    users,
    'require-code <role>',
    'let users of a role do nothing before they have a second factor',
  ).option('--off', 'let them do without again');
  bindAction<{ off?: boolean }>(need, async (context, options, role) =>
    (await actions()).requireCodeCommand(context, options, role!),
  );

  const tokens = program.command('tokens').description('tokens by which programs use the service').exitOverride();
  const tokenList = addCommand(tokens, 'list', 'all tokens, without their secrets', { isDefault: true });
  bindAction<object>(tokenList, async (context) => (await actions()).listTokensCommand(context));
  const create = addCommand(tokens, 'create <name>', 'make a token; it is shown once')
    .option('--role <NAME>', ROLE, 'viewer')
    .option('--session <ID...>', 'only these sessions (default: all; a strategy has to name them)')
    .option('--days <N>', 'good for N days', '90');
  bindAction<TokenOptions>(create, async (context, options, name) =>
    (await actions()).createTokenCommand(context, options, name!),
  );
  const revoke = addCommand(tokens, 'revoke <name>', 'refuse a token from now on');
  bindAction<object>(revoke, async (context, _options, name) => (await actions()).revokeTokenCommand(context, name!));
}
