import { describe, expect, it } from 'vitest';
import { BACKUP_STATES } from '../../../src/jobs/backup-job.ts';
import { BACKUP_STEPS } from '../../../src/jobs/backup-steps.ts';
import { RESTORE_STATES } from '../../../src/jobs/restore-job.ts';
import { RESTORE_STEPS } from '../../../src/jobs/restore-steps.ts';
import { loggedStates, type StateRow, stateDiagram } from '../../../src/jobs/transition.ts';

const TABLES = [
  { name: 'backup', table: BACKUP_STEPS, states: BACKUP_STATES },
  { name: 'restore', table: RESTORE_STEPS, states: RESTORE_STATES },
];

describe.each(TABLES)('the $name table', ({ table, states }) => {
  const rows = Object.entries(table) as unknown as [string, StateRow<string, never>][];
  const logged = rows.filter(([, row]) => row.logged).map(([state]) => state);

  it('has a row for every state, in their order', () => {
    expect(rows.map(([state]) => state)).toEqual(states);
  });

  it('restarts logged states in themselves and others in the last logged one before', () => {
    let last = '';
    for (const [state, row] of rows) {
      if (row.logged) last = state;
      expect(row.afterRestart).toBe(last);
      expect(logged).toContain(row.afterRestart);
    }
  });

  it('can cancel every state that has a step, and no other', () => {
    for (const [, row] of rows) {
      expect(row.cancel !== undefined).toBe(row.tick !== undefined);
      expect(row.next.length > 0).toBe(row.tick !== undefined);
      expect(row.next).not.toContain('CANCELLED');
    }
  });

  it('takes tasks out of the queue wherever it waits for them', () => {
    for (const [, row] of rows) {
      expect(row.cancel?.removesTasks !== undefined).toBe(row.until !== undefined);
    }
  });
});

describe('a state diagram', () => {
  it('shows every edge of the table', () => {
    expect(stateDiagram(BACKUP_STEPS).split('\n')).toEqual(
      expect.arrayContaining([
        'stateDiagram-v2',
        '  [*] --> PENDING',
        '  SNAPSHOTING : backends make snapshots (not logged)',
        '  SNAPSHOTING --> UPLOAD_SNAPSHOT : every task has ended',
        '  SNAPSHOTING --> PENDING : restart',
        '  UPLOADING --> UPLOAD_SNAPSHOT : restart',
        '  UPLOAD_INFO --> CANCELLED',
        '  FINISHED --> [*]',
      ]),
    );
  });
});

describe('logged states', () => {
  it('are those of the specification', () => {
    expect(loggedStates(BACKUP_STEPS)).toEqual([
      'PENDING',
      'UPLOAD_SNAPSHOT',
      'SAVE_META',
      'UPLOAD_INFO',
      'FINISHED',
      'CANCELLED',
    ]);
    expect(loggedStates(RESTORE_STEPS)).toEqual([
      'PENDING',
      'DOWNLOAD',
      'COMMIT',
      'FINISHED',
      'CANCELLED',
    ]);
  });
});
