import type { ServerResponse } from 'node:http';
import type { RequestFault } from './stand-in-faults.ts';

/** What a venue that stands in answers; a body of text is sent as it is. */
export type Answer = readonly [status: number, body: unknown];

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

export function send(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === null ? undefined : textOf(body));
}

/** No answer comes: the line is cut, or nothing is said on it. */
export function endWithout({ kind }: RequestFault, response: ServerResponse): void {
  if (kind === 'reset') response.socket?.destroy();
}

export function spoil(fault: RequestFault, response: ServerResponse, [status, body]: Answer): void {
  const text = textOf(body);
  if (fault.kind === 'altered') {
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
    response.writeHead(fault.status ?? status, { 'content-type': 'application/json' });
    response.end(fault.by(text));
    return;
  }
  if (fault.kind === 'garbled') {
    response.writeHead(status === 204 ? 200 : status, { 'content-type': 'application/json' });
    response.end('<html>bad gateway</html>');
    return;
  }
  response.writeHead(status === 204 ? 200 : status, { 'content-length': String(text.length + 10) });
  response.write(text.slice(0, Math.ceil(text.length / 2)), () => response.socket?.destroy());
}
