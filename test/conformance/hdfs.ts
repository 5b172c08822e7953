/** The conformance suite over an HDFS that is there: a location and properties suffice. */

import { toPromise } from '../../src/base/op.ts';
import { realRandom, uuid } from '../../src/base/random.ts';
import { joinKey } from '../../src/blob/blob-key.ts';
import { HdfsBlob } from '../../src/blob/hdfs.ts';
import { hdfsPlace } from '../../src/blob/hdfs-properties.ts';
import { type BlobGap, describeBlob } from './blob.ts';

export interface HdfsUnderTest {
  /** `hdfs://host:port/path` or `webhdfs://host:port/path`; a directory that may be written to. */
  readonly location: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** `where` is asked for when the tests run, so a server may be started before them. */
export function describeHdfs(
  name: string,
  where: () => HdfsUnderTest,
  gaps: readonly BlobGap[] = [],
): void {
  describeBlob(
    name,
    async () => {
      const { location, properties } = where();
      const [, scheme = '', rest = ''] = /^(hdfs|webhdfs):(.*)$/s.exec(location) ?? [];
      const place = hdfsPlace(
        { location, brokerName: '', properties },
        scheme === 'hdfs' ? 'hdfs' : 'webhdfs',
        rest,
      );
      const storage = new HdfsBlob(place, realRandom);
      const base = joinKey(place.root, `case-${uuid(realRandom)}`);
      return {
        storage,
        base,
        run: toPromise,
        close: async () => {
          await toPromise(storage.delete(base));
          await toPromise(storage.close());
        },
      };
    },
    gaps,
  );
}
