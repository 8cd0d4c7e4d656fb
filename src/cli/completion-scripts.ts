// What shells are told: to ask `muster complete` for every word. Nothing that was typed is ever evaluated, and no script
// knows a command or an option, so none goes stale.

/** Beside the candidates, one a line with a tab before its description, this line says that files would do, too. */
export const FILES = ':files';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const BASH = `# Completion of muster for bash: source <(muster completion bash)
_muster() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ${FILES} ]]; then
      compopt -o default
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <(muster complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _muster muster
`;

const ZSH = `#compdef muster
# Completion of muster for zsh: source <(muster completion zsh), or a file _muster in a folder of $fpath
_muster() {
  local line value about
  local -a found
  while IFS= read -r line; do
    if [[ $line == ${FILES} ]]; then
      _files
    else
      value=\${line%%$'\\t'*}
      about=\${line#*$'\\t'}
      found+=("\${value//:/\\\\:}\${about:+:$about}")
    fi
  done < <(muster complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe -V muster found
}
if [[ \${funcstack[1]} == _muster ]]; then _muster "$@"; else compdef _muster muster; fi
`;

const FISH = `# Completion of muster for fish: muster completion fish > ~/.config/fish/completions/muster.fish
function __muster_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (muster complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = ${FILES}
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c muster -f -k -a '(__muster_complete)'
`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
