import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HttpProblem, problemBody, PROBLEM_TYPE } from '../../infra/http/problem.ts';

/** What is said of a request that never became one, by the code of the error. */
function problemFor(code: string | undefined): HttpProblem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpProblem(408, 'too-slow', 'The request did not come whole.');
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new HttpProblem(431, 'long-head', 'The address and the headers of a request have at most 16 KiB together.');
  }
  return new HttpProblem(400, 'no-request', 'This is no HTTP/1.1 request.');
}

/** Answers what could not be read as a request by a problem, as everything else is, and ends the connection. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  // Nobody is there any more.
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const problem = problemFor(error.code);
  const body = JSON.stringify(problemBody(problem, randomUUID()));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]!}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}
