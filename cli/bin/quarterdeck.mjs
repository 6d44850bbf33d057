#!/usr/bin/env node
// The door of the command line. Plain JavaScript, so that a Node.js that is too old gets a sentence, not a stack trace.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `quarterdeck needs Node.js 22.19 or newer, this is ${process.versions.node}. ` +
      'On Linux x64 and arm64 start it by pnpm (`npx -y pnpm@12 quarterdeck ...`), which brings its own.\n',
  );
  process.exit(1);
}
// Stripping types and compiling is most of a start's CPU time; Node keeps the result in the system's temporary directory.
(await import('node:module')).enableCompileCache();
const { main } = await import('../src/main.ts');
await main(process.argv.slice(2));
