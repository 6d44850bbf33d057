import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandLine } from './main.ts';

const withThoseBelow = (command: Command): Command[] => [command, ...command.commands.flatMap(withThoseBelow)];
const nameOf = (command: Command): string =>
  [command.parent && nameOf(command.parent), command.name()].join(' ').trim();
const all = withThoseBelow(commandLine()).map((command) => ({ name: nameOf(command), command }));

/** What `--help` writes, at the width of a terminal. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return text;
}

test.each(all)('the help of $name fits a terminal of 80 columns', ({ command }) => {
  expect(
    helpOf(command)
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
});

test.each(all)(
  'the help of $name describes every flag and argument, and names no default that is none',
  ({ command }) => {
    expect(command.description()).not.toBe('');
    expect(command.options.filter(({ description }) => description === '').map(({ flags }) => flags)).toEqual([]);
    expect(command.registeredArguments.filter(({ description }) => description === '').map((it) => it.name())).toEqual(
      [],
    );
    expect(helpOf(command)).not.toMatch(/\(default: (false|\[\])\)/);
  },
);

test('a wrong flag is answered with where the flags of that verb stand', () => {
  const program = commandLine();
  let said = '';
  for (const { command } of withThoseBelow(program).map((command) => ({ command }))) {
    command.exitOverride().configureOutput({ writeErr: (text) => (said += text) });
  }
  expect(() => program.parse(['token', 'create', '--clutser', 'm1'], { from: 'user' })).toThrow();
  expect(said).toContain(
    "unknown option '--clutser'\n(Did you mean --cluster?)\n(quarterdeck token create --help shows",
  );
});

const commandsPage = new URL('../../docs/commands.md', import.meta.url);
const pageHead = `# Commands

Every verb and flag, as \`quarterdeck VERB --help\` tells them. Written by a test, which fails when the page is behind:
\`npx vitest run --project unit cli/src/help.test.ts --update\` writes it anew.
`;

test('docs/commands.md has every verb with every flag', async () => {
  const section = ({ name, command }: (typeof all)[number]) =>
    `\n## ${name}\n\n\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\`\n`;
  await expect(`${pageHead}${all.map(section).join('')}`).toMatchFileSnapshot(fileURLToPath(commandsPage));
});
