/** What an agent on this machine may be: roles that never reach users, tokens or settings of the service. */
export const AGENT_ROLES = ['viewer', 'trader'] as const;

export interface McpOptions {
  readonly role: (typeof AGENT_ROLES)[number];
  readonly url?: string;
  readonly tokenEnv: string;
}
