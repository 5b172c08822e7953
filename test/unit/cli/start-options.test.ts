/** The options of `start`: what a command line says comes to the cluster. */
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { QUIRK_NAMES } from '../../../src/base/quirks.ts';
import { addStartCommand, type StartOptions } from '../../../src/cli/commands/start-options.ts';
import { type RealClusterRequest, realParts } from '../../../src/cli/real-parts.ts';

/** The same command, which keeps what it read instead of starting. */
function parsed(args: readonly string[]): Partial<StartOptions> {
  const program = new Command();
  addStartCommand(program);
  const [start] = program.commands;
  let options: Partial<StartOptions> = {};
  start?.action((given: Partial<StartOptions>) => {
    options = given;
  });
  program.parse(['start', ...args], { from: 'user' });
  return options;
}

function quirksOn(names: readonly string[]): readonly string[] {
  const request: RealClusterRequest = {
    dataDir: '.',
    backends: 3,
    profile: '3.5',
    quirks: names,
    tickMs: 100,
    strict: false,
    stepped: false,
    timeZone: 'UTC',
    rootPassword: '',
    host: '127.0.0.1',
    queryPort: () => 0,
    httpPort: () => 0,
    json: false,
    onFatal: () => {},
  };
  const { quirks } = realParts(request).profile.jobs;
  return QUIRK_NAMES.filter((name) => quirks[name]);
}

test('--quirk takes one name or several, and may be repeated', () => {
  expect(parsed(['--quirk', 'partFilesCount', '--json']).quirk).toEqual(['partFilesCount']);
  const several = ['--quirk', 'partFilesCount', 'cancelDropsByName', '--quirk', 'collisionsAssert'];
  expect(parsed(several).quirk).toEqual([
    'partFilesCount',
    'cancelDropsByName',
    'collisionsAssert',
  ]);
  expect(parsed([]).quirk).toBeUndefined();
});

test('quirks that are named are on in the profile of the cluster, no others', () => {
  expect(quirksOn(['cancelDropsByName', 'partFilesCount'])).toEqual([
    'partFilesCount',
    'cancelDropsByName',
  ]);
  expect(quirksOn([])).toEqual([]);
  expect(() => quirksOn(['partFiles'])).toThrow(SimError);
});
