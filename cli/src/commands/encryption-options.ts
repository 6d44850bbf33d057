import { Option } from 'commander';

/** Where a command beside the hub finds the keys that its settings are sealed with. */
export const keysOption = () =>
  new Option(
    '--encryption-keys <file>',
    'the key file of the hub (default: encryption-keys.yaml in the data directory, if it is there)',
  ).env('QUARTERDECK_ENCRYPTION_KEYS');

/** What it was called before; still taken. */
export const earlierKeysOption = () =>
  new Option('--encryption-key-file <file>', 'earlier name of --encryption-keys').hideHelp();
