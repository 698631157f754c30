import type { Command } from 'commander';

/** Shells that a script can be made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command by the words that lead to it, and what may follow. */
interface Place {
  readonly path: readonly string[];
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
}

interface Word {
  readonly name: string;
  readonly says: string;
  /** An option that takes a value. */
  readonly takes?: boolean;
}

/** A script for `shell` that completes the commands and options of `program`. It is a text: no process is started. */
export function completionScript(program: Command, shell: Shell): string {
  const places = [...placesOf(program, [])];
  const name = program.name();
  if (shell === 'fish') return fishScript(name, places);
  const script = bashScript(name, places);
  return shell === 'bash' ? script : `autoload -U +X compinit bashcompinit && compinit -u && bashcompinit\n${script}`;
}

function* placesOf(command: Command, path: readonly string[]): Generator<Place> {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command);
  yield {
    path,
    commands: subcommands.map((one) => ({ name: one.name(), says: one.description() })),
    options: help.visibleOptions(command).map((option) => ({
      name: option.long ?? option.short!,
      says: option.description,
      takes: option.required || option.optional,
    })),
  };
  for (const one of subcommands) yield* placesOf(one, [...path, one.name()]);
}

/** Files where nothing else fits, and after an option that takes a value. */
function bashScript(name: string, places: readonly Place[]): string {
  const cases = places.map(({ path, commands, options }) => {
    const takes = options.filter((option) => option.takes === true).map((option) => option.name);
    return [
      `    '${path.join(' ')}')`,
      `      names='${commands.map((one) => one.name).join(' ')}'`,
      `      flags='${options.map((option) => option.name).join(' ')}'`,
      `      values=' ${takes.join(' ')} ' ;;`,
    ].join('\n');
  });
  const known = places.filter(({ path }) => path.length > 0).map(({ path }) => `'${path.join(' ')}'`);
  return [
    `_${name}() {`,
    '  local cur="${COMP_WORDS[COMP_CWORD]}" last="${COMP_WORDS[COMP_CWORD-1]}" at="" next="" names="" flags="" values="" i',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    next="${at:+$at }${COMP_WORDS[i]}"',
    `    case "$next" in ${known.join('|')}) at="$next" ;; esac`,
    '  done',
    '  case "$at" in',
    ...cases,
    '  esac',
    '  COMPREPLY=()',
    '  [[ "$values" == *" $last "* ]] && return',
    '  if [[ "$cur" == -* ]]; then names="$flags"; fi',
    '  COMPREPLY=($(compgen -W "$names" -- "$cur"))',
    '}',
    `complete -o default -F _${name} ${name}`,
    '',
  ].join('\n');
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishScript(name: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options }) => {
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const open = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${names(commands)}`];
    const when = path.length === 0 ? '__fish_use_subcommand' : [...seen, ...open].join('; and ');
    const under = path.length === 0 ? when : seen.join('; and ');
    return [
      ...commands.map((one) => `complete -c ${name} -f -n ${quoted(when)} -a ${one.name} -d ${quoted(one.says)}`),
      ...options.map(({ name: flag, says, takes }) => {
        const long = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
        return `complete -c ${name} -n ${quoted(under)} ${long}${takes === true ? ' -r' : ''} -d ${quoted(says)}`;
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}

const names = (words: readonly Word[]): string => words.map((one) => one.name).join(' ');
