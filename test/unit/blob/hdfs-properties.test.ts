import { describe, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { type HdfsPlace, hdfsPlace } from '../../../src/blob/hdfs-properties.ts';

type Properties = Readonly<Record<string, string>>;

function placeOf(location: string, properties: Properties = {}, brokerName = ''): HdfsPlace {
  const [, scheme = '', rest = ''] = /^(hdfs|webhdfs):(.*)$/s.exec(location) ?? [];
  return hdfsPlace(
    { location, brokerName, properties },
    scheme === 'hdfs' ? 'hdfs' : 'webhdfs',
    rest,
  );
}

function refusalOf(location: string, properties: Properties = {}, brokerName = ''): string {
  try {
    placeOf(location, properties, brokerName);
  } catch (error) {
    if (error instanceof SimError && error.code === 'blob-location-unsupported') {
      return `${error.message} ${error.hint ?? ''}`;
    }
    throw error;
  }
  throw new Error('was accepted');
}

const HTTP = 'dfs.namenode.http-address';

test.each<[string, Properties, string, string]>([
  ['hdfs://nn:9000/a/b', {}, '/a/b', 'http://nn:9870'],
  ['hdfs://nn:9000//a/b/', {}, '/a/b', 'http://nn:9870'],
  ['hdfs://nn/', {}, '/', 'http://nn:9870'],
  ['hdfs://nn:8020/a', { [HTTP]: 'other:50070' }, '/a', 'http://other:50070'],
  ['hdfs://nn:8020/a', { [HTTP]: '0.0.0.0:9871' }, '/a', 'http://nn:9871'],
  ['hdfs://nn:8020/a', { [HTTP]: 'other' }, '/a', 'http://other:9870'],
  ['webhdfs://nn:50070/a', { [HTTP]: 'other:1' }, '/a', 'http://nn:50070'],
  ['webhdfs://nn/a', {}, '/a', 'http://nn:9870'],
  ['hdfs:///a', { 'fs.defaultFS': 'hdfs://nn:9000' }, '/a', 'http://nn:9870'],
  ['hdfs:/a', { 'fs.defaultFS': 'hdfs://nn:9000/' }, '/a', 'http://nn:9870'],
])('%s with %j is %s at %s', (location, properties, root, nameNode) => {
  expect(placeOf(location, properties)).toMatchObject({ root, nameNodes: [nameNode] });
});

test.each<[Properties, string | undefined]>([
  [{ username: 'ann', 'hadoop.security.username': 'bob' }, 'ann'],
  [{ username: '', 'hadoop.security.username': 'bob' }, 'bob'],
  [{ 'hadoop.username': 'cid', 'hadoop.security.authentication': 'simple' }, 'cid'],
  [{ password: 'canary' }, undefined],
])('the user of %j is %s', (properties, userName) => {
  expect(placeOf('hdfs://nn/a', properties).userName).toBe(userName);
});

const HA: Properties = {
  'dfs.nameservices': 'cluster1, cluster2',
  'dfs.ha.namenodes.cluster1': 'nn1, nn2',
  'dfs.namenode.rpc-address.cluster1.nn1': 'host1:8020',
  'dfs.namenode.rpc-address.cluster1.nn2': 'host2:8020',
  'dfs.namenode.http-address.cluster1.nn2': 'host2:50070',
  'dfs.client.failover.proxy.provider.cluster1': 'org.apache.hadoop.hdfs.Any',
};

describe('name services', () => {
  test('of a broker are the NameNodes behind them', () => {
    const { nameNodes } = placeOf('hdfs://cluster1/a', HA, 'b');
    expect(nameNodes).toEqual(['http://host1:9870', 'http://host2:50070']);
    expect(placeOf('hdfs://plain:8020/a', HA, 'b').nameNodes).toEqual(['http://plain:9870']);
  });

  test('without a broker are refused, as in StarRocks', () => {
    expect(refusalOf('hdfs://cluster1/a', HA)).toMatch(
      /without a broker dfs\.nameservices belongs into hdfs-site\.xml.*Write a broker/,
    );
  });

  test.each([
    ['dfs.ha.namenodes.cluster1', 'dfs.ha.namenodes.cluster1 is missing'],
    ['dfs.namenode.rpc-address.cluster1.nn1', 'rpc-address.cluster1.nn1 is missing'],
  ])('that lack %s are told so', (key, text) => {
    const { [key]: _, ...rest } = HA;
    expect(refusalOf('hdfs://cluster1/a', rest, 'b')).toContain(text);
  });
});

describe('is refused by name:', () => {
  const KERBEROS = { 'hadoop.security.authentication': 'kerberos', kerberos_principal: 'p' };

  test.each<[string, Properties, string, string]>([
    ['hdfs://nn/a', KERBEROS, '', 'authentication = kerberos belongs into core-site.xml'],
    ['hdfs://nn/a', KERBEROS, 'b', 'kerberos_principal: Kerberos is not supported'],
    ['hdfs://nn/a', { kerberos_keytab_content: 'canary' }, 'b', 'Kerberos is not supported'],
    ['hdfs://nn/a', { 'hadoop.security.kerberos.keytab': 'k' }, '', 'Kerberos is not supported'],
    ['hdfs:///a', {}, '', "Write hdfs://<host>:<port>/<path>, or set 'fs.defaultFS'"],
    ['hdfs:///a', { 'fs.defaultFS': 's3://b' }, '', "or set 'fs.defaultFS'"],
    ['hdfs://ann:canary@nn/a', {}, '', "the user belongs into the property 'username'"],
    ['hdfs://nn/a/../b', {}, '', "A path may not hold '.' or '..'"],
    ['hdfs://n n/a', {}, '', 'is no address of a NameNode'],
    ['hdfs://nn/a', { [HTTP]: 'http://nn:1/x' }, '', 'is no address of a NameNode'],
    ['hdfs://nn/a', { 'fs.hdfs.impl.disable.cache': 'yes' }, '', 'must be true or false'],
  ])('%s %j with broker "%s"', (location, properties, brokerName, text) => {
    const refusal = refusalOf(location, properties, brokerName);
    expect(refusal).toContain(text);
    expect(refusal).not.toContain('canary');
  });
});
