/** `GET /api/health`: 200 only when the frontend and all backends are up (design.md 2). */
import { createServer, type Server } from 'node:http';
import { SimError } from '../base/errors.ts';

export interface HealthServerOptions {
  readonly host: string;
  readonly port: number;
  readonly isHealthy: () => boolean;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

export function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const isHealth = request.method === 'GET' && request.url?.split('?')[0] === '/api/health';
    const isHealthy = isHealth && options.isHealthy();
    response.writeHead(isHealth ? (isHealthy ? 200 : 503) : 404, {
      'content-type': 'application/json',
    });
    response.end(JSON.stringify({ status: isHealth ? (isHealthy ? 'OK' : 'DOWN') : 'NOT_FOUND' }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(options, error)));
    server.listen(options.port, options.host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : options.port;
      resolve({ port, close: () => close(server) });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listenError({ host, port }: HealthServerOptions, error: NodeJS.ErrnoException): SimError {
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
