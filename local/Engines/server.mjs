// What both engines' HTTP servers have in common: no request ends the process without a response.
import { statfs } from 'node:fs/promises';
import { isIP } from 'node:net';

/** The requests without a complete response: the response and how the engine fails it. */
const open = new Map();

/** The names of this machine. Another name that resolves to it is a web page's (DNS rebinding). */
const names = ['localhost', 'host.docker.internal'];

/**
 * Guards a server against what its request listener throws, and against requests for foreign names. A client may close its half of the
 * connection before it has the response.
 * @param fail (response, status) => sends the error 400, 403 or 500 in the engine's format
 */
export function guard(server, fail) {
  const [listener] = server.listeners('request');
  server.removeAllListeners('request');
  server.httpAllowHalfOpen = true;
  server.on('request', (request, response) => {
    open.set(response, fail);
    response.once('close', () => open.delete(response));
    if (!request.url.startsWith('/') || !URL.canParse(request.url, 'http://localhost')) {
      request.resume();
      fail(response, 400);
      return;
    }
    const name = (request.headers.host ?? '').replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
    if (!isIP(name) && !names.includes(name.toLowerCase())) {
      request.resume();
      fail(response, 403);
      return;
    }
    try {
      listener(request, response);
    } catch (error) {
      report(error);
      failOnce(response, fail);
    }
  });
}

/** Fails all requests that are open. */
export function failOpenRequests() {
  for (const [response, fail] of open) failOnce(response, fail);
}

/** Prints an error in one line: its message and where it was thrown. */
export function report(error) {
  const place = /^\s+at (.*)$/m.exec(error?.stack ?? '')?.[1];
  const text = [error?.cause?.message ?? error?.message ?? error, place && `(at ${place})`].filter(Boolean).join(' ');
  console.error(text.replace(/\s*\n\s*/g, ' '));
}

/** Whether a folder's disk has space for a number of bytes, and a reserve: a database whose write fails may lose later writes too. */
export async function hasSpace(directory, bytes, reserveBytes) {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize >= bytes + reserveBytes;
}

export const isDiskFull = (error) => ['ENOSPC', 'EDQUOT'].includes(error?.code) || /no space left|quota exceeded/i.test(error?.cause?.message ?? error?.message);

/** Fails a request, unless its response has begun. */
export function failOnce(response, fail) {
  if (response.headersSent) {
    response.destroy();
  } else {
    fail(response, 500);
  }
}
