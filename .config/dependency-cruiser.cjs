// The layer rule of server/README.md. Each rule is broken by one file of test/fixtures/layers, which must fail
// (test/unit/layers.test.ts): a check that can't fail checks nothing.

const features =
  'analytics|audit|branches|claims|devices|events|exports|images|imports|isolation|keys|markets|messages|offers|overview|plans|public|shoppers|staff|support|team|till|widget';

/** What a feature offers to others besides its service and queries: rules and values without rows of their own. */
const offered = [
  'audit/(denials|note-refusals)', // who was refused is written down, wherever it happens
  'audit/(envelope|signing)', // how a statement is signed, whatever it says
  'analytics/(calendar|figures)', // how figures are counted, by the market's own days
  'branches/opening-hours', // how opening hours are written
  'claims/(claim-shown|claims\\.input)', // a claim as its shopper sees it, here and there
  'claims/(claim-code|qr)', // how codes are typed and drawn, whatever they are for
  'devices/(device-operations|till-request|till-state)', // what a request of a till carries and may do
  'events/(bots|visitor)', // what counts as a view, wherever it is seen
  'images/uploads?', // the one way for bytes to get in, whatever they are for
  'plans/(plan-limits|below-use)', // what a plan allows, and what is said before it allows less
  'public/(open-request|publishable-key)', // what a request of the public surface carries
  'shoppers/(shopper-(auth|scope)|shoppers\\.input)', // whose request it is, what that shopper is called and may send
  'team/(invitation-mail|invitation-secret|team\\.input)', // an owner is invited like anybody else
]
  .map((file) => `^server/${file}\\.ts$`)
  .join('|');

/** Where everything is put together, and may therefore be named. */
const composition = '^server/(app|deps|start)\\.ts$|^server/portals/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'database-by-scope-alone',
      comment:
        'Outside of server/db only the scoped client, its types and its errors are known; no client without a scope exists.',
      severity: 'error',
      from: { path: '^server/', pathNot: `^server/(db|isolation)/|${composition}` },
      to: { path: '^server/db/', pathNot: '^server/db/(client|types|one-by-one|direct|db\\.errors)\\.ts$' },
    },
    {
      name: 'composition-takes-no-client',
      comment: 'Even where things are put together there is no way around the scoped client.',
      severity: 'error',
      from: { path: composition },
      to: {
        path: '^server/db/',
        pathNot: '^server/db/(client|types)\\.ts$|^server/db/(guard|setup|access)/',
      },
    },
    {
      name: 'drivers-in-db-alone',
      comment:
        'The gates and the queue have logins of their own, which reach no market; everybody else asks the scoped client.',
      severity: 'error',
      from: {
        path: '^server/',
        pathNot:
          '^server/db/|^server/auth/gate\\.ts$|^server/jobs/(queue|pool-mark)\\.ts$|^server/isolation/(role-clients\\.ts$|catalogue/)',
      },
      to: { path: '(^|node_modules/)(pg|pg-[^/]+|@prisma/[^/]+)(/|$)' },
    },
    {
      name: 'gate-for-signing-in-alone',
      comment:
        'What the gate reaches (password hashes, persons) belongs to no feature. Event months, whose turn a rollup is and counts of the intake are of no scope, and event-gate.ts is narrow; so are export-gate.ts and message-gate.ts, which files and campaigns are due, limit-gate.ts, which markets have counters, support-gate.ts, what becomes of support sessions, which can write nothing themselves, probe-gate.ts, which keeps what a command without a person found, and decoy-gate.ts, what the mark is that no login of requests may know.',
      severity: 'error',
      from: {
        path: '^server/',
        pathNot: `^server/auth/|^server/(decoy/decoy|events/event|exports/export|messages/message|plans/limit|audit/audit|isolation/(task|layer|probe)|receipts/receipt|support/sessions/support)-gate\\.ts$|${composition}`,
      },
      to: { path: '^server/auth/gate\\.ts$' },
    },
    {
      name: 'settings-at-the-top-alone',
      comment: 'Dependencies arrive as arguments; nothing below deps.ts reads settings.',
      severity: 'error',
      from: { path: '^server/', pathNot: composition },
      to: { path: '^server/config\\.ts$' },
    },
    {
      name: 'nothing-points-up-to-routes',
      comment: 'Services and queries know no route, no operation and no dependency holder.',
      severity: 'error',
      from: { path: '\\.(service|queries|input|job)\\.ts$' },
      to: { path: '\\.(routes|api)\\.ts$|^server/deps\\.ts$' },
    },
    {
      name: 'nothing-points-up-to-the-app',
      severity: 'error',
      from: { path: '^server/', pathNot: composition },
      to: { path: '^server/(app|start)\\.ts$|^server/portals/(admin|partner)\\.ts$' },
    },
    {
      name: 'features-meet-in-services-and-queries',
      comment: 'A feature reaches another only through its service or queries.',
      severity: 'error',
      from: { path: `^server/(${features})/` },
      to: { path: `^server/(${features})/`, pathNot: `^server/$1/|\\.(service|queries)\\.ts$|${offered}` },
    },
    {
      name: 'base-knows-no-feature',
      comment: 'Database, scoping and pages’ base stand below every feature.',
      severity: 'error',
      from: { path: '^server/(db|market|http|i18n|charts|mail)/' },
      to: { path: `^server/(${features})/` },
    },
    {
      name: 'scoping-stays-pure',
      comment: 'What holds arguments to a market needs no database, no request and no clock.',
      severity: 'error',
      from: { path: '^server/market/scoping/' },
      to: { pathNot: '^server/market/(scoping/|scope\\.ts$)|^server/errors\\.ts$' },
    },
    {
      name: 'product-knows-no-scripts-or-tests',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(scripts|test)/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^server/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|server/db/generated' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
