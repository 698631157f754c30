import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { ServeOptions, ServiceParts } from './serve-command.ts';

/** Registers `serve`. @param collect loads the routes of every folder, and what works beside them */
export function registerServeCommand(program: Command, collect: () => Promise<ServiceParts>): void {
  const serve = addCommand(program, 'serve', 'the HTTP service: routes for everything, the console, health')
    .option('--host <ADDRESS>', 'listen on this address', '127.0.0.1')
    .option('--port <N>', 'listen on this port', '4100')
    .option('--allow-host <NAME...>', 'names besides loopback by which it is called')
    .option('--behind-tls', 'a proxy before it ends https: cookies are secure, and its X-Forwarded-For is believed');
  bindAction<ServeOptions>(serve, async (context, options) => {
    const [{ serveCommand }, parts] = await Promise.all([import('./serve-command.ts'), collect()]);
    return serveCommand(context, options, parts);
  });
}
