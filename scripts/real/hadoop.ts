/** HDFS: a NameNode and a DataNode of Hadoop, from Maven Central, with WebHDFS on free ports. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedPart } from './cache.ts';
import { mustRun } from './command.ts';
import { freePorts, type Service, startService } from './service.ts';

const POM = join(import.meta.dirname, '../../test/real/hadoop/pom.xml');
const COPY_DEPENDENCIES =
  'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** The user that the servers run as, who may do everything. */
export const HDFS_SUPERUSER = 'hdfs';

const LOG_TO_STDERR = `log4j.rootLogger=WARN,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%p %c{1}: %m%n
`;

/** A folder with all jars. */
export async function installHadoop(): Promise<string> {
  const folder = await cachedPart('hadoop', await readFile(POM, 'utf8'), async (folder) => {
    await copyFile(POM, join(folder, 'pom.xml'));
    await mustRun('mvn', ['-q', '-B', COPY_DEPENDENCIES, '-DoutputDirectory=lib'], { cwd: folder });
  });
  return join(folder, 'lib');
}

export interface Hdfs {
  /** `host:port` of the NameNode for Hadoop's own protocol, and for WebHDFS. */
  readonly rpcAddress: string;
  readonly httpAddress: string;
  stop(): Promise<void>;
}

/** `writableFolder` is made, and given to everybody. */
export async function startHdfs(writableFolder: string): Promise<Hdfs> {
  const jars = await installHadoop();
  const home = await mkdtemp(join(tmpdir(), 'hdfs-'));
  const [rpc, http, data, dataHttp, dataIpc] = (await freePorts(5)).map(
    (port) => `127.0.0.1:${port}`,
  );
  const [rpcAddress = '', httpAddress = ''] = [rpc, http];
  const conf = join(home, 'conf');
  // The jars bring no pages, but the servers look for their folders; WebHDFS needs none of them.
  for (const pages of ['hdfs', 'datanode', 'static']) {
    await mkdir(join(conf, 'webapps', pages), { recursive: true });
  }
  await writeFile(join(conf, 'log4j.properties'), LOG_TO_STDERR);
  await writeFile(
    join(conf, 'core-site.xml'),
    xml({ 'fs.defaultFS': `hdfs://${rpcAddress}`, 'hadoop.tmp.dir': join(home, 'tmp') }),
  );
  await writeFile(
    join(conf, 'hdfs-site.xml'),
    xml({
      'dfs.replication': '1',
      'dfs.namenode.rpc-address': rpcAddress,
      'dfs.namenode.http-address': httpAddress,
      'dfs.namenode.name.dir': join(home, 'name'),
      'dfs.datanode.data.dir': join(home, 'data'),
      'dfs.datanode.address': String(data),
      'dfs.datanode.http.address': String(dataHttp),
      'dfs.datanode.ipc.address': String(dataIpc),
      'dfs.datanode.hostname': '127.0.0.1',
      'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
      // Nothing to wait for: there is one DataNode, which comes at once.
      'dfs.namenode.safemode.extension': '0',
    }),
  );
  const server = 'org.apache.hadoop.hdfs.server';
  const java = (main: string, ...rest: string[]): string[] => [
    '-Xmx256m',
    // The library behind WebHDFS makes classes at run time, which Java allows no more by itself.
    '--add-opens=java.base/java.lang=ALL-UNNAMED',
    '-cp',
    [conf, join(jars, '*')].join(':'),
    `${server}.${main}`,
    ...rest,
  ];
  const env = { HADOOP_USER_NAME: HDFS_SUPERUSER };
  await mustRun('java', java('namenode.NameNode', '-format', '-nonInteractive'), { env });
  const status = `http://${httpAddress}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState`;
  const started: Service[] = [];
  const stop = async (): Promise<void> => {
    for (const service of [...started].reverse()) await service.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const common = { command: 'java', env, readyMsMax: 120_000 };
    started.push(
      await startService({
        ...common,
        name: 'NameNode',
        args: java('namenode.NameNode'),
        isReady: async () => (await fetch(status)).ok,
      }),
    );
    started.push(
      await startService({
        ...common,
        name: 'DataNode',
        args: java('datanode.DataNode'),
        isReady: async () => isServing(await (await fetch(status)).text()),
      }),
    );
    await makeWritable(httpAddress, writableFolder);
  } catch (error) {
    await stop();
    throw error;
  }
  return { rpcAddress, httpAddress, stop };
}

/** A DataNode is there, and the NameNode takes writes. */
function isServing(jmx: string): boolean {
  const { beans = [] } = JSON.parse(jmx) as { beans?: readonly Record<string, unknown>[] };
  const [state] = beans;
  return state?.['NumLiveDataNodes'] === 1 && state['FSState'] === 'Operational';
}

async function makeWritable(httpAddress: string, folder: string): Promise<void> {
  for (const query of ['op=MKDIRS&permission=777', 'op=SETPERMISSION&permission=777']) {
    const url = `http://${httpAddress}/webhdfs/v1${folder}?user.name=${HDFS_SUPERUSER}&${query}`;
    const response = await fetch(url, { method: 'PUT' });
    if (!response.ok)
      throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  }
}

function xml(properties: Readonly<Record<string, string>>): string {
  const lines = Object.entries(properties).map(
    ([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`,
  );
  return `<?xml version="1.0"?>\n<configuration>\n${lines.join('\n')}\n</configuration>\n`;
}
