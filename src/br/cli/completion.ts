/** Scripts that complete words of `srbr` in a shell, made from the table of commands. */
import type { CommandSpec, OptionSpec } from './command-spec.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow a command, or a part of one; the empty path is `srbr` alone. */
interface Place {
  readonly path: string;
  readonly words: readonly Word[];
}

interface Word {
  readonly text: string;
  readonly purpose: string;
  readonly takesValue: boolean;
}

export function completionScript(
  shell: Shell,
  globals: readonly OptionSpec[],
  commands: readonly CommandSpec[],
): string {
  const places = placesOf(globals, commands);
  return { bash, zsh, fish }[shell](places);
}

function placesOf(
  globals: readonly OptionSpec[],
  commands: readonly CommandSpec[],
): readonly Place[] {
  const places = new Map<string, Word[]>([['', []]]);
  for (const { name, purpose, options } of commands) {
    const parts = name.split(' ');
    for (const [depth, part] of parts.entries()) {
      const above = parts.slice(0, depth).join(' ');
      const words = places.get(above) ?? [];
      const isLeaf = depth === parts.length - 1;
      if (!words.some(({ text }) => text === part)) {
        const about = isLeaf ? purpose : `see: srbr ${part} --help`;
        words.push({ text: part, purpose: about, takesValue: false });
      }
      places.set(above, words);
    }
    const config = { flags: '--config <file>', purpose: 'configuration (YAML)' };
    places.set(name, [config, ...options, HELP].map(wordOf));
  }
  places.get('')?.push(...[...globals, HELP].map(wordOf));
  return [...places].map(([path, words]) => ({ path, words }));
}

const HELP: OptionSpec = { flags: '--help', purpose: 'options and an example' };

function wordOf({ flags, purpose }: OptionSpec): Word {
  return { text: flags.split(' ')[0] ?? '', purpose, takesValue: flags.includes('<') };
}

/** `" init" | "backup full"`: each word of a command after the words before it. */
function steps(places: readonly Place[], quote: string, between: string): string {
  return places
    .flatMap(({ path, words }) =>
      words.filter(({ text }) => !text.startsWith('--')).map(({ text }) => `${path} ${text}`),
    )
    .map((step) => `${quote}${step}${quote}`)
    .join(between);
}

function bash(places: readonly Place[]): string {
  return [
    '# Completion of srbr for bash: source <(srbr completion bash)',
    '_srbr() {',
    `  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" word`,
    `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    '    case "$path $word" in',
    `      ${steps(places, '"', '|')}) path="\${path:+$path }$word" ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...places.map(({ path, words }) => {
      const list = words.map(({ text }) => text).join(' ');
      return `    "${path}") COMPREPLY=($(compgen -W "${list}" -- "$cur")) ;;`;
    }),
    '  esac',
    '}',
    'complete -o default -F _srbr srbr',
  ].join('\n');
}

function zsh(places: readonly Place[]): string {
  const described = ({ text, purpose }: Word): string => `'${text}:${shellText(purpose)}'`;
  return [
    '# Completion of srbr for zsh: source <(srbr completion zsh), after compinit',
    '_srbr() {',
    '  local at="" word',
    '  local -a found',
    `  for word in "\${(@)words[2,CURRENT-1]}"; do`,
    '    case "$at $word" in',
    `      (${steps(places, '"', '|')}) at="\${at:+$at }$word" ;;`,
    '    esac',
    '  done',
    '  case "$at" in',
    ...places.map(
      ({ path, words }) => `    ("${path}") found=(${words.map(described).join(' ')}) ;;`,
    ),
    '  esac',
    "  _describe 'srbr' found || _files",
    '}',
    'compdef _srbr srbr',
  ].join('\n');
}

function fish(places: readonly Place[]): string {
  const line = (path: string, { text, purpose, takesValue }: Word): string => {
    const at = `complete -c srbr -n '__srbr_at "${path}"'`;
    const about = `-d '${shellText(purpose)}'`;
    if (!text.startsWith('--')) return `${at} -f -a ${text} ${about}`;
    return `${at} -l ${text.slice(2)}${takesValue ? ' -r' : ''} ${about}`;
  };
  return [
    '# Completion of srbr for fish: srbr completion fish | source',
    'function __srbr_at',
    '  set -l at ""',
    '  for word in (commandline -opc)[2..-1]',
    '    switch "$at $word"',
    `      case ${steps(places, "'", ' ')}`,
    '        set at (string trim -- "$at $word")',
    '    end',
    '  end',
    '  test "$at" = "$argv[1]"',
    'end',
    ...places.flatMap(({ path, words }) => words.map((word) => line(path, word))),
  ].join('\n');
}

/** Between single quotes of any of the shells. */
function shellText(text: string): string {
  return text.replaceAll("'", '’');
}
