/** What is written of metadata is what is read again: jobs of every state, `__info`, the image. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonText } from '../../../src/catalog/json-chunks.ts';
import {
  decodeJobRecord,
  decodeJobs,
  encodeJobRecord,
  encodeJobs,
} from '../../../src/jobs/job-codec.ts';
import { recordOf } from '../../../src/jobs/records.ts';
import { encodeJobInfo } from '../../../src/repository/job-info-codec.ts';
import { decodeJobInfo } from '../../../src/repository/job-info-reader.ts';
import { BACKUP_JOB, JOB_INFO, RESTORE_JOB } from './arbitrary-job.ts';

const parse = (chunks: JsonText): unknown => JSON.parse([...chunks].join(''));

describe('a job of any state', () => {
  test.each([
    ['backup', BACKUP_JOB],
    ['restore', RESTORE_JOB],
  ])('is the same %s after encoding and decoding its record', (_kind, jobs) => {
    fc.assert(
      fc.property(jobs, (job) => {
        const record = recordOf(job);
        const text = [...encodeJobRecord(record)].join('');
        expect(text).not.toContain('\n');
        expect(decodeJobRecord(record.op, JSON.parse(text))).toEqual(record);
      }),
      { numRuns: 60 },
    );
  });

  test('is the same in an image, among others, and in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(BACKUP_JOB, RESTORE_JOB), { maxLength: 3 }), (jobs) => {
        expect(decodeJobs(parse(encodeJobs(jobs)))).toEqual(jobs);
      }),
      { numRuns: 20 },
    );
  });
});

test('any table of contents of a snapshot is the same after encoding and decoding', () => {
  fc.assert(
    fc.property(JOB_INFO, (info) => {
      expect(decodeJobInfo(encodeJobInfo(info))).toEqual(info);
    }),
  );
});
