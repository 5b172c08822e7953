/**
 * The HTTP port: `GET /api/health`, 200 only when the frontend and all backends are up (design.md
 * 2), and Stream Load.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SimError } from '../base/errors.ts';
import type { FrontendContext } from '../fe/frontend-context.ts';
import { answerStreamLoad, streamLoadPath } from './stream-load-route.ts';

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly isHealthy: () => boolean;
  readonly frontend: FrontendContext;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

export function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const answer = (request: IncomingMessage, response: ServerResponse, isWaiting: boolean): void => {
    const path = streamLoadPath(request);
    if (path === undefined) answerHealth(options, request, response);
    else void answerStreamLoad(options.frontend, { request, response, isWaiting, path });
  };
  const server = createServer((request, response) => answer(request, response, false));
  // Without this, Node asks for the body before anyone has looked at the request.
  server.on('checkContinue', (request, response) => answer(request, response, true));
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(options, error)));
    server.listen(options.port, options.host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : options.port;
      resolve({ port, close: () => close(server) });
    });
  });
}

function answerHealth(
  { isHealthy }: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const isHealth = request.method === 'GET' && request.url?.split('?')[0] === '/api/health';
  const isUp = isHealth && isHealthy();
  response.writeHead(isHealth ? (isUp ? 200 : 503) : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: isHealth ? (isUp ? 'OK' : 'DOWN') : 'NOT_FOUND' }));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listenError({ host, port }: HttpServerOptions, error: NodeJS.ErrnoException): SimError {
  if (error.code === 'EADDRINUSE') {
    return new SimError('port-in-use', `HTTP port ${port} of ${host} is in use`, {
      hint: 'choose another with --http-port, 0 takes any free one',
      cause: error,
    });
  }
  return new SimError('bad-option', `cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}
