import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Two groups: what needs only sources, and what runs the built programs in processes of their own. */
const config: ViteUserConfig = defineConfig({
  test: {
    pool: 'forks',
    // Programs wait a good deal; on the two cores of CI the default would be one worker.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'sources',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          testTimeout: 30_000,
          // Tests share a process, which loads each source once: nothing here keeps global state.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'programs',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

export default config;
