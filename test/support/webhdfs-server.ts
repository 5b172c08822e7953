/**
 * An HDFS that speaks WebHDFS, inside the test process: a NameNode and a DataNode on free ports of
 * the loopback, over a tree in memory. It answers as Hadoop does where a client can tell: two steps
 * for bytes, 403 for most errors, permissions, names that are refused, partial files of writers
 * that break off, renames with and without options.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HdfsTree, RemoteError } from './webhdfs-tree.ts';

const API = '/webhdfs/v1';
/** Names in one page of a list. Hadoop has 1000. */
const PAGE_NAMES = 100;

export interface WebHdfsRequest {
  readonly method: string;
  readonly op: string;
  /** As it came, still encoded. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

export interface WebHdfsServer {
  /** `host:port` of the NameNode's HTTP address. */
  readonly address: string;
  readonly tree: HdfsTree;
  readonly requests: readonly WebHdfsRequest[];
  /** Answers in place of the server when it gives true; for faults of one test. */
  intercept: (request: WebHdfsRequest, response: ServerResponse) => boolean;
  stop(): Promise<void>;
}

export async function startWebHdfs(): Promise<WebHdfsServer> {
  const tree = new HdfsTree();
  const requests: WebHdfsRequest[] = [];
  const control: Pick<WebHdfsServer, 'intercept'> = { intercept: () => false };
  let dataNode = '';

  const serve = (role: 'name' | 'data') =>
    createServer((message, response) => {
      const url = new URL(message.url ?? '/', 'http://localhost');
      const op = (url.searchParams.get('op') ?? '').toUpperCase();
      const request: WebHdfsRequest = {
        method: message.method ?? '',
        op,
        rawPath: url.pathname,
        query: url.searchParams,
        headers: message.headers,
      };
      requests.push(request);
      if (control.intercept(request, response)) return;
      const handle = role === 'name' ? onNameNode : onDataNode;
      handle(tree, request, message, response, dataNode).catch((error: unknown) => {
        if (error instanceof RemoteError) answerError(response, error);
        else response.destroy(error instanceof Error ? error : undefined);
      });
    });

  const servers = [serve('name'), serve('data')] as const;
  const [address, data] = await Promise.all(servers.map(listen));
  dataNode = `http://${data}`;
  return Object.assign(control, {
    address: address ?? '',
    tree,
    requests,
    stop: async () => {
      await Promise.all(servers.map(close));
    },
  });
}

type Handler = (
  tree: HdfsTree,
  request: WebHdfsRequest,
  message: IncomingMessage,
  response: ServerResponse,
  dataNode: string,
) => Promise<void>;

const onNameNode: Handler = async (tree, request, message, response, dataNode) => {
  const { method, op, query } = request;
  const user = query.get('user.name') ?? 'dr.who';
  const path = pathOf(request);
  message.resume();
  switch (`${method} ${op}`) {
    case 'GET GETFILESTATUS':
      return answerJson(response, 200, { FileStatus: tree.status(user, path) });
    case 'GET LISTSTATUS':
      return answerJson(response, 200, { FileStatuses: { FileStatus: tree.list(user, path) } });
    case 'GET LISTSTATUS_BATCH': {
      const all = tree.list(user, path, query.get('startAfter') ?? '');
      const page = all.slice(0, PAGE_NAMES);
      return answerJson(response, 200, {
        DirectoryListing: {
          partialListing: { FileStatuses: { FileStatus: page } },
          remainingEntries: all.length - page.length,
        },
      });
    }
    case 'GET CHECKACCESS':
      tree.checkAccess(user, path, query.get('fsaction') ?? '');
      return answerJson(response, 200, '');
    case 'PUT MKDIRS':
      tree.makeDirectory(user, path);
      return answerJson(response, 200, { boolean: true });
    case 'PUT RENAME': {
      const option = query.get('renameoptions');
      const destination = query.get('destination') ?? '';
      if (option === null) {
        return answerJson(response, 200, { boolean: tree.renameOld(user, path, destination) });
      }
      tree.rename(user, path, destination, option === 'OVERWRITE');
      return answerJson(response, 200, '');
    }
    case 'DELETE DELETE':
      return answerJson(response, 200, { boolean: tree.remove(user, path) });
    case 'GET OPEN':
      tree.checkOffset(user, path, Number(query.get('offset') ?? 0));
      return redirect(response, dataNode, request);
    case 'PUT CREATE':
      return redirect(response, dataNode, request);
    default:
      throw new RemoteError(
        400,
        'IllegalArgumentException',
        `Invalid value for webhdfs parameter "op": No enum constant ${op}`,
      );
  }
};

const onDataNode: Handler = async (tree, request, message, response) => {
  const { op, query } = request;
  const user = query.get('user.name') ?? 'dr.who';
  const path = pathOf(request);
  if (op === 'OPEN') {
    const bytes = tree.read(user, path);
    const offset = Number(query.get('offset') ?? 0);
    const part = bytes.subarray(offset, offset + Number(query.get('length') ?? bytes.length));
    response.writeHead(200, { 'Content-Length': part.length, Connection: 'close' });
    response.end(part);
    return;
  }
  tree.create(user, path, query.get('overwrite') === 'true');
  // What has come is seen at once, also of a writer that breaks off.
  for await (const chunk of message) tree.append(path, chunk as Buffer);
  response.writeHead(201, { Location: encodeURI(`hdfs://localhost${path}`), Connection: 'close' });
  response.end();
};

function pathOf({ rawPath }: WebHdfsRequest): string {
  return decodeURIComponent(rawPath.slice(API.length)) || '/';
}

function redirect(response: ServerResponse, dataNode: string, request: WebHdfsRequest): void {
  const location = `${dataNode}${request.rawPath}?${request.query}`;
  response.writeHead(307, { Location: location, 'Content-Length': 0 });
  response.end();
}

function answerJson(response: ServerResponse, status: number, body: object | ''): void {
  const text = body === '' ? '' : JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(text);
}

export function answerError(response: ServerResponse, error: RemoteError): void {
  answerJson(response, error.status, {
    RemoteException: {
      exception: error.exception,
      javaClassName: `org.apache.hadoop.${error.exception}`,
      message: error.message,
    },
  });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  server.closeAllConnections();
  await closed;
}
