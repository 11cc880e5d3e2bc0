import { type Logger, pino } from 'pino';
import { createAuditGate } from './audit/audit-gate.ts';
import { type AuditKeeping, createAuditKeeping } from './audit/audit-keeping.ts';
import { createDenials, type Denials } from './audit/denials.ts';
import { type CookieNames, cookieNames } from './auth/cookies.ts';
import type { Directory } from './auth/directory.ts';
import { createGate, type Gate } from './auth/gate.ts';
import {
  createOpenLimits,
  type Limit,
  type OpenLimits,
  type OpenLimitsOptions,
  REQUESTS,
} from './auth/open-limits.ts';
import { createSessions, type Sessions } from './auth/sessions.service.ts';
import { createStrategies, type Identify } from './auth/strategies.ts';
import { createThrottle, type Limits, type Throttle } from './auth/throttle.ts';
import { createTokens, type TokenService } from './auth/tokens.ts';
import type { Config, TokenKey } from './config.ts';
import { createDatabase, type Database } from './db/client.ts';
import { type GuardedLogin, inspect } from './db/guard/boot-guard.ts';
import type { Check } from './db/guard/check.ts';
import { createDecoyGate } from './decoy/decoy-gate.ts';
import { createDecoyWatch, type DecoyWatch } from './decoy/decoy-watch.ts';
import { watchedChannels, watchedLog, watchMail } from './decoy/watch-outgoing.ts';
import { createEventGate, type EventGate } from './events/event-gate.ts';
import { createIntake, type Intake } from './events/intake.ts';
import { createIntakeCounts } from './events/intake-counts.ts';
import { createExportGate, type ExportGate } from './exports/export-gate.ts';
import { type Assets, loadAssets } from './http/assets.ts';
import { describeError } from './http/request-log.ts';
import { loadMessages, type Messages } from './i18n/i18n.ts';
import { createInstallation, type Installation } from './isolation/installation.ts';
import { createLayerGate } from './isolation/layer-gate.ts';
import { createPoliciesAlone } from './isolation/layers/compare-layers.ts';
import { createLayerWatch, type LayerWatch } from './isolation/layers/layer-watch.ts';
import { createTaskGate, type TaskGate } from './isolation/task-gate.ts';
import { EVENT_MONTHS_JOB } from './jobs/event-months.job.ts';
import { createQueue, type Queue } from './jobs/queue.ts';
import { createMailer, type Mailer } from './mail/mailer.ts';
import type { Channels } from './messages/channel.ts';
import { createChannels } from './messages/channels.ts';
import { createMessageGate, type MessageGate } from './messages/message-gate.ts';
import type { WhatsAppSettings } from './messages/whatsapp-channel.ts';
import { messages, modules, views } from './paths.ts';
import { createLimitGate, type LimitGate } from './plans/limit-gate.ts';
import type { Portal } from './portals/portal.ts';
import { createReceiptGate } from './receipts/receipt-gate.ts';
import { createReceiptLog, type ReceiptLog } from './receipts/receipt-log.ts';
import { createSupportGate, type SupportGate } from './support/sessions/support-gate.ts';

/** Everything that code below may use of the world outside. Arrives as an argument, everywhere. */
export interface Deps {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: () => Date;
  readonly database: Database;
  /** The public surface's own login, keys and tokens; null in the admin process. */
  readonly open: OpenDeps | null;
  /** The same for the device surface: what tills are served with. */
  readonly till: TillDeps | null;
  /** What keeps the audit trail verifiable; null in the partner process, which signs nothing. */
  readonly audit: AuditKeeping | null;
  /** Writes down who was not let in. */
  readonly denials: Denials;
  /** Only for what happens before a scope exists: sign-in, invitations, throttles. Features don't touch it. */
  readonly gate: Gate;
  /** Where receipts of requests go; null where they are switched off. */
  readonly receipts: ReceiptLog | null;
  /** Compares what layers of isolation say by themselves; null in the admin process, and where nothing is sampled. */
  readonly layers: LayerWatch | null;
  /** Looks for what no one may ever see in all that leaves the process. */
  readonly decoy: DecoyWatch;
  readonly tokens: TokenService;
  readonly cookies: CookieNames;
  readonly identify: Identify;
  readonly sessions: Sessions;
  readonly directory: Directory;
  readonly throttle: Throttle;
  readonly mailer: Mailer;
  /** Jobs of the partner portal; another portal's logins can't enter it. Connects nothing until it is used. */
  readonly queue: Queue;
  /** What the isolation page of the admin portal has each process do. */
  readonly tasks: TaskGate;
  /** What this installation's database says about itself; asked by the admin portal. */
  readonly installation: Installation;
  readonly messages: Messages;
  readonly assets: Assets;
  readonly views: string;
  /** Images lie here, one folder for each market. */
  readonly uploadsDir: string;
  /** Asks the boot guard's questions again, over both of the process's logins. */
  readonly inspect: () => Promise<Check[]>;
  readonly isReady: () => Promise<boolean>;
  /** From now on `/readyz` says no, so that a balancer sends nobody any more. */
  readonly drain: () => void;
  readonly close: () => Promise<void>;
}

/** What the public surface has of its own, so that nothing it runs can act for a portal. */
export interface OpenDeps {
  readonly database: Database;
  readonly tokenKeys: readonly TokenKey[];
  /** What may be asked for at once; counted in the table of the gate. */
  readonly limits: OpenLimits;
  /** Where views of offers are written down; `POST /public/v1/events` and the hosted pages hand them in. */
  readonly intake: Intake;
  /** What concerns events across markets, for jobs. */
  readonly events: EventGate;
  /** Which files are due, in all markets, for jobs. */
  readonly exports: ExportGate;
  /** Ways to reach shoppers. */
  readonly channels: Channels;
  /** Which campaigns are due, in all markets, for jobs. */
  readonly campaigns: MessageGate;
  /** What webhooks are checked with; null where the channel is not set up. */
  readonly whatsApp: WhatsAppSettings | null;
  /** Which markets have counters of limits, for jobs. */
  readonly plans: LimitGate;
  /** What becomes of support sessions, which can't write it themselves. */
  readonly support: SupportGate;
}

/** What the device surface has of its own. */
export interface TillDeps {
  readonly database: Database;
  readonly tokenKeys: readonly TokenKey[];
}

export interface DepsOptions {
  readonly logger?: Logger;
  readonly clock?: () => Date;
  readonly limits?: Limits;
  /** What one key may ask of the public surface from one network. */
  readonly openRequests?: Limit;
}

export function createDeps(portal: Portal, config: Config, options: DepsOptions = {}): Deps {
  let decoy: DecoyWatch | undefined;
  const logger =
    options.logger ??
    pino(
      { level: config.logLevel, base: { portal: portal.name }, serializers: { err: describeError } },
      watchedLog(pino.destination(1), () => decoy),
    );
  const clock = options.clock ?? (() => new Date());
  const contextKey = config.contextKeys[0]!;
  const onError = (error: Error) =>
    logger.warn({ code: (error as { code?: string }).code }, 'database connection lost');
  const database = createDatabase({ ...config.database, key: contextKey, onError });
  const gate = createGate({
    ...{ url: config.database.gateUrl, key: contextKey, onError },
    ...(config.open ? { publicKey: config.open.contextKeys[0]! } : {}),
  });
  const watching = createDecoyWatch({ gate: createDecoyGate(gate), surface: portal.name, onError });
  decoy = watching;
  const tokens = createTokens(portal.name, config.tokenKeys);
  const cookies = cookieNames(portal.name);
  const catalogue = loadMessages(messages);
  const queue = createQueue({ url: config.database.gateUrl, log: logger });
  const requests = options.openRequests ?? REQUESTS;
  const till = tillDeps(config, onError);
  const publicHost = new URL(config.publicUrl).hostname;
  const mailer = createMailer({
    ...{ mail: config.mail, messages: catalogue, views, publicHost, logger, clock },
    watch: (mail) => watchMail(watching, mail),
  });
  const open = openDeps(config, {
    ...{ gate, clock, queue, logger, onError, requests, mailer, decoy: watching },
  });
  const auditGate = createAuditGate(gate);
  const keeping = config.audit && { ...config.audit, keys: config.auditKeys };
  const audit = keeping && createAuditKeeping(keeping, auditGate, logger, clock);
  const denials = createDenials({ surface: portal.name, database, gate: auditGate, clock, logger });
  const ask = async () => (await Promise.all(guardedLogins(portal, config).map(inspect))).flat();
  const receipts =
    config.receiptDays === null
      ? null
      : createReceiptLog({
          ...{ gate: createReceiptGate(gate, portal.name), surface: portal.name, onError },
          days: config.receiptDays,
        });
  const tasks = createTaskGate(gate, portal.name);
  const layers =
    portal.name === 'partner' && receipts && config.layerSample > 0
      ? createLayerWatch({
          ...{ database, tasks, rate: config.layerSample, gate: createLayerGate(gate) },
          policiesAlone: createPoliciesAlone({ ...config.database, key: contextKey, onError }),
          onError: (error) => logger.warn({ err: error }, 'layers could not be compared'),
        })
      : null;
  let isDraining = false;
  return {
    ...{
      config,
      logger,
      clock,
      database,
      open,
      till,
      audit,
      denials,
      gate,
      decoy: watching,
      receipts,
      layers,
      tokens,
      cookies,
      views,
      queue,
      tasks,
      messages: catalogue,
    },
    identify: createStrategies(tokens, cookies),
    sessions: createSessions(portal.sessionTable, { database, tokens, clock }),
    directory: portal.directory(gate),
    throttle: createThrottle(gate, portal.throttleTable, options.limits),
    mailer,
    assets: loadAssets({ views, modules }),
    uploadsDir: config.uploadsDir,
    inspect: ask,
    installation: createInstallation({
      staff: { url: config.database.url, key: contextKey },
      ...{ inspect: ask, foreignSecrets: config.foreignSecrets, clock },
    }),
    isReady: async () => !isDraining && (await gate.query('select 1')).length === 1,
    drain: () => {
      isDraining = true;
    },
    close: async () => {
      await queue.stop();
      await receipts?.flush();
      await denials.close();
      await open?.intake.counts.close();
      await Promise.allSettled([
        database.close(),
        layers?.close(),
        open?.database.close(),
        till?.database.close(),
        gate.close(),
      ]);
    },
  };
}

type OpenParts = OpenLimitsOptions &
  Pick<Deps, 'gate' | 'clock' | 'queue' | 'logger' | 'mailer' | 'decoy'> & {
    readonly onError: (error: Error) => void;
  };

function openDeps({ open, database: shared, publicUrl }: Config, parts: OpenParts): OpenDeps | null {
  if (!open) return null;
  const { gate, clock, queue, logger, onError, mailer, decoy } = parts;
  const key = open.contextKeys[0]!;
  const database = createDatabase({ ...shared, url: open.databaseUrl, key, onError });
  const events = createEventGate(gate);
  const counts = createIntakeCounts({
    ...{ store: events.addCounts, clock },
    onError: (error) => logger.warn({ err: error }, 'what the intake counted waits to be written'),
  });
  const onMissingMonth = () => {
    logger.error({}, 'there is no month to write events into');
    queue.add(EVENT_MONTHS_JOB, {}, EVENT_MONTHS_JOB).catch(onError);
  };
  // The storefront keeps the rest of the connections.
  const atOnce = Math.max(1, Math.floor(shared.poolSize * 0.6));
  const intake = createIntake({ database, counts, onMissingMonth, atOnce });
  return {
    ...{
      database,
      intake,
      events,
      exports: createExportGate(gate),
      channels: watchedChannels(decoy, createChannels({ mailer, publicUrl, whatsApp: open.whatsApp })),
      campaigns: createMessageGate(gate),
      whatsApp: open.whatsApp,
      plans: createLimitGate(gate),
      support: createSupportGate(gate),
      tokenKeys: open.tokenKeys,
      limits: createOpenLimits(parts),
    },
  };
}

function tillDeps({ till, database: shared }: Config, onError: (error: Error) => void): TillDeps | null {
  if (!till) return null;
  const database = createDatabase({ ...shared, url: till.databaseUrl, key: till.contextKeys[0]!, onError });
  return { database, tokenKeys: till.tokenKeys };
}

/** The database logins of a portal's process, as the boot guard asks about them. */
export function guardedLogins(portal: Portal, config: Config): GuardedLogin[] {
  const subject = { surface: portal.name, contextKey: config.contextKeys[0]! };
  const { open, till } = config;
  const guarded: GuardedLogin[] = [
    { url: config.database.url, subject: { ...subject, role: portal.logins.scoped } },
    { url: config.database.gateUrl, subject: { ...subject, role: portal.logins.gate } },
  ];
  if (!open || !till) return guarded;
  const visitor = { surface: 'public', contextKey: open.contextKeys[0]!, role: 'bulkhead_public' } as const;
  const device = { surface: 'device', contextKey: till.contextKeys[0]!, role: 'bulkhead_device' } as const;
  return [
    ...guarded,
    { url: open.databaseUrl, subject: visitor },
    { url: till.databaseUrl, subject: device },
  ];
}
