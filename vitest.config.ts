import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * Four groups: what needs only sources, what runs the built programs in processes of their own,
 * what meets real servers and clients (`npm run test:real`), and what is exhaustive
 * (`npm run test:deep`). `npm test` runs the first two.
 */
const config: ViteUserConfig = defineConfig({
  // Examples import the package by its name, as its users do.
  resolve: {
    alias: { 'starrocks-emulator': fileURLToPath(new URL('src/index.ts', import.meta.url)) },
  },
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
          exclude: ['test/e2e/**', 'test/deep/**', 'test/real/**'],
          // Only against a test that hangs: how long one may take is nobody's promise.
          testTimeout: 180_000,
          hookTimeout: 180_000,
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
      {
        extends: true,
        test: {
          // Real servers and clients, which the tests install and start (scripts/real).
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          globalSetup: ['test/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 25 * 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'deep',
          include: ['test/deep/**/*.test.ts'],
          globalSetup: ['test/global-setup.ts'],
          testTimeout: 60 * 60_000,
        },
      },
    ],
  },
});

export default config;
