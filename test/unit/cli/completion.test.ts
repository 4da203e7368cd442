import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bashCompletion } from '../../../cli/completion/bash.ts';
import { fishCompletion } from '../../../cli/completion/fish.ts';
import { completionsOf } from '../../../cli/completion/words.ts';
import { zshCompletion } from '../../../cli/completion/zsh.ts';
import { commandTree } from '../../../cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'airherd-completion-'));
const script = (shell: string) => join(folder, shell === 'zsh' ? '_airherd' : `airherd.${shell}`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const all = completionsOf(await commandTree([]));
  writeFileSync(script('bash'), bashCompletion(all));
  writeFileSync(script('zsh'), zshCompletion(all));
  writeFileSync(script('fish'), fishCompletion(all));
});

/** What bash itself offers behind `words`, the last of which is being typed. */
function bashOffers(...words: string[]): string[] {
  const program = `source ${script('bash')}; COMP_WORDS=(airherd "$@"); COMP_CWORD=$#; _airherd; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', program, 'bash', ...words], { encoding: 'utf8', cwd: folder });
  return out.split('\n').filter(Boolean);
}

function fishOffers(line: string): string[] {
  const out = execFileSync(
    'fish',
    ['--no-config', '-c', `source ${script('fish')}; complete -C ${JSON.stringify(line)}`],
    { encoding: 'utf8', cwd: folder, env: { ...process.env, HOME: folder } },
  );
  return out.split('\n').map((offer) => offer.split('\t')[0]);
}

/** zsh completes only at a prompt: one is made in a pseudo terminal, and a key is pressed in it. */
function zshOffers(line: string): string {
  const program = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1=; fpath=(${folder} \\$fpath); autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' list-prompt ''; unsetopt list_ambiguous; LISTMAX=1000; bindkey '^I' complete-word"
    zpty -w shell "print -r -- ready-$((40+2))"
    zpty -r shell ready '*ready-42*'
    zpty -w -n shell ${JSON.stringify(line)}$'\\t'
    zpty -r shell offers '*fleet*plan*run*'
    print -r -- "$offers"`;
  return execFileSync('zsh', ['-f', '-c', program], { encoding: 'utf8', cwd: folder, timeout: 20_000 });
}

describe('shell completion', () => {
  test('bash: commands, subcommands, options, choices, files', () => {
    expect(bashOffers('fl')).toEqual(['fleet']);
    expect(bashOffers('fleet', 'r')).toEqual(['run']);
    expect(bashOffers('fleet', 'run', '--thr')).toEqual(['--threshold']);
    expect(bashOffers('device', 'create', '--kind', '')).toEqual(['ap', 'switch']);
    expect(bashOffers('pcap', 'slice', 'airherd.b')).toEqual(['airherd.bash']);
    expect(bashOffers('nonsense', 'x')).toEqual([]);
  });

  test('fish: commands, subcommands, options, choices', () => {
    expect(fishOffers('airherd fl')).toContain('fleet');
    expect(fishOffers('airherd fleet r')).toContain('run');
    expect(fishOffers('airherd fleet r')).not.toContain('fleet');
    expect(fishOffers('airherd fleet run --thr')).toContain('--threshold');
    expect(fishOffers('airherd device create --kind ')).toEqual(expect.arrayContaining(['ap', 'switch']));
  });

  test('zsh: subcommands at a prompt', () => {
    expect(zshOffers('airherd fleet ')).toMatch(/plan[\s\S]*run/);
  });
});
