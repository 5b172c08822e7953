/**
 * Stands in front of an HTTP server, counts what it passes on, and may hold each request back for a
 * while before it does. Whoever talks through it pays the same.
 */
import { Agent, createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RequestCounter {
  readonly endpoint: string;
  /** Since it was asked last. */
  take(): number;
  lagMs: number;
  stop(): Promise<void>;
}

export async function startRequestCounter(target: string): Promise<RequestCounter> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  let count = 0;
  const server = createServer((request, answer) => {
    count += 1;
    const pass = (): void => {
      const { method, url: path, headers } = request;
      const onward = send({ agent, hostname, port, method, path, headers }, (back) => {
        answer.writeHead(back.statusCode ?? 502, back.headers);
        back.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      request.pipe(onward);
    };
    if (counter.lagMs > 0) setTimeout(pass, counter.lagMs);
    else pass();
  });
  const counter = {
    endpoint: '',
    lagMs: 0,
    take(): number {
      const taken = count;
      count = 0;
      return taken;
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  counter.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return counter;
}
