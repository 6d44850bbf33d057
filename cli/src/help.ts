import { type Command, Help, type Option } from 'commander';

/** Descriptions get at least so many columns, also beside the longest flag of `hub` on a terminal of 80. */
const narrowest = 24;

/**
 * Gives a command and all below it the same manners: help that fits a terminal of 80 columns, no word on what is off unless
 * it is asked for, and after a wrong flag a hint at the help of the verb that it was given to.
 */
export function tidyHelp(command: Command): Command {
  const path = [];
  for (let at: Command | null = command; at !== null; at = at.parent) path.unshift(at.name());
  command.showHelpAfterError(`(${path.join(' ')} --help shows what there is)`);
  command.configureHelp({
    minWidthToWrap: narrowest,
    optionDescription: (option) => new Help().optionDescription(isOff(option) ? withoutDefault(option) : option),
  });
  for (const below of command.commands) tidyHelp(below);
  return command;
}

const isOff = ({ defaultValue }: Option): boolean =>
  defaultValue === false || (Array.isArray(defaultValue) && defaultValue.length === 0);

const withoutDefault = (option: Option): Option => Object.assign(Object.create(option), { defaultValue: undefined });
