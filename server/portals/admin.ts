import { analyticsAdminOperations } from '../analytics/analytics.admin.api.ts';
import { analyticsAdminRoutes } from '../analytics/analytics.admin.routes.ts';
import { auditAdminRoutes } from '../audit/audit.admin.routes.ts';
import { auditAdminOperations } from '../audit/audit.api.ts';
import { auditKeysRoutes } from '../audit/audit-keys.routes.ts';
import { startKeeping } from '../audit/keeping.job.ts';
import { verificationAdminRoutes } from '../audit/verification.admin.routes.ts';
import { verificationAdminOperations } from '../audit/verification.api.ts';
import { invitationStaffRoutes } from '../auth/invitation.staff.routes.ts';
import { passwordResetRoutes } from '../auth/password-reset.routes.ts';
import { profileRoutes } from '../auth/profile.routes.ts';
import { signInRoutes } from '../auth/sign-in.routes.ts';
import { signOutRoutes } from '../auth/sign-out.routes.ts';
import { staffAuth } from '../auth/staff-auth.ts';
import { createStaffDirectory } from '../auth/staff-directory.ts';
import { staffSessions } from '../auth/staff-sessions.ts';
import { tokenOperations } from '../auth/token.operations.ts';
import { claimsAdminRoutes } from '../claims/claims.admin.routes.ts';
import { claimsAdminOperations } from '../claims/claims.api.ts';
import { alarmsAdminOperations } from '../decoy/alarms.admin.api.ts';
import { alarmsAdminRoutes } from '../decoy/alarms.admin.routes.ts';
import { devicesAdminRoutes } from '../devices/devices.admin.routes.ts';
import { devicesAdminOperations } from '../devices/devices.api.ts';
import { intakeAdminRoutes } from '../events/intake.admin.routes.ts';
import { intakeAdminOperations } from '../events/intake.api.ts';
import { imageAdminRoutes } from '../images/images.admin.routes.ts';
import { certificatesAdminRoutes } from '../isolation/certificates.admin.routes.ts';
import { isolationAdminRoutes } from '../isolation/isolation.admin.routes.ts';
import { isolationAdminOperations } from '../isolation/isolation.api.ts';
import { layersAdminRoutes } from '../isolation/layers.admin.routes.ts';
import { layersAdminOperations } from '../isolation/layers.api.ts';
import { probesAdminRoutes } from '../isolation/probes.admin.routes.ts';
import { adminTasks } from '../isolation/tasks/admin-tasks.admin.ts';
import { startTasks } from '../isolation/tasks/task-runner.ts';
import { keysAdminRoutes } from '../keys/keys.admin.routes.ts';
import { mailboxAdminRoutes } from '../mail/mailbox.admin.routes.ts';
import { marketsAdminRoutes } from '../markets/markets.admin.routes.ts';
import { marketsAdminOperations } from '../markets/markets.api.ts';
import { messagesAdminOperations } from '../messages/messages.admin.api.ts';
import { messagesAdminRoutes } from '../messages/messages.admin.routes.ts';
import { offersAdminOperations } from '../offers/moderation.api.ts';
import { offersAdminRoutes } from '../offers/offers.admin.routes.ts';
import { overviewAdminRoutes } from '../overview/overview.admin.routes.ts';
import { overridesAdminOperations } from '../plans/overrides.admin.api.ts';
import { overridesAdminRoutes } from '../plans/overrides.admin.routes.ts';
import { plansAdminOperations } from '../plans/plans.admin.api.ts';
import { plansAdminRoutes } from '../plans/plans.admin.routes.ts';
import { usageAdminOperations } from '../plans/usage.admin.api.ts';
import { usageAdminRoutes } from '../plans/usage.admin.routes.ts';
import { receiptsAdminOperations } from '../receipts/receipts.admin.api.ts';
import { receiptsAdminRoutes } from '../receipts/receipts.admin.routes.ts';
import { shoppersAdminRoutes } from '../shoppers/shoppers.admin.routes.ts';
import { shoppersAdminOperations } from '../shoppers/shoppers.api.ts';
import { staffAdminRoutes } from '../staff/staff.admin.routes.ts';
import { staffAdminOperations } from '../staff/staff.api.ts';
import { checksAdminRoutes } from '../support/checks.admin.routes.ts';
import { checksAdminOperations } from '../support/checks.api.ts';
import { supportSessionsAdminRoutes } from '../support/sessions/support-sessions.admin.routes.ts';
import { supportSessionsAdminOperations } from '../support/sessions/support-sessions.api.ts';
import { whyAdminOperations } from '../support/why.admin.api.ts';
import { whyAdminRoutes } from '../support/why.admin.routes.ts';
import { conflictsAdminRoutes } from '../sync/conflicts.admin.routes.ts';
import { conflictsAdminOperations } from '../sync/conflicts.api.ts';
import type { Portal } from './portal.ts';

/** The admin portal: staff, across all markets. */
export const admin: Portal = {
  name: 'admin',
  logins: { scoped: 'bulkhead_admin', gate: 'bulkhead_admin_gate' },
  sessionTable: staffSessions,
  directory: createStaffDirectory,
  throttleTable: 'admin_throttle',
  auth: staffAuth,
  nav: [
    { href: '/', label: 'common:nav.overview', icon: 'layout-dashboard' },
    { href: '/analytics', label: 'common:nav.analytics', icon: 'chart-line' },
    { href: '/markets', label: 'common:nav.markets', icon: 'store' },
    {
      href: '/offers',
      label: 'common:nav.moderation',
      icon: 'circle-check',
      also: /^\/markets\/[^/]+\/offers\//,
    },
    { href: '/conflicts', label: 'common:nav.conflicts', icon: 'triangle-alert' },
    { href: '/messages', label: 'common:nav.messages', icon: 'send' },
    { href: '/plans', label: 'common:nav.plans', icon: 'badge-percent' },
    { href: '/usage', label: 'common:nav.usage', icon: 'gauge', also: /^\/markets\/[^/]+\/limits/ },
    { href: '/devices', label: 'common:nav.devices', icon: 'smartphone' },
    { href: '/staff', label: 'common:nav.staff', icon: 'users' },
    { href: '/audit', label: 'common:nav.audit', icon: 'scroll-text' },
    { href: '/isolation', label: 'common:nav.isolation', icon: 'shield-check' },
    { href: '/receipts', label: 'common:nav.receipts', icon: 'receipt-text' },
    { href: '/why', label: 'common:nav.why', icon: 'circle-help' },
    { href: '/alarms', label: 'common:nav.alarms', icon: 'siren' },
    {
      href: '/support-sessions',
      label: 'common:nav.supportSessions',
      icon: 'eye',
      also: /^\/markets\/[^/]+\/support-sessions\//,
    },
    { href: '/checks', label: 'common:nav.checks', icon: 'shield' },
    {
      href: '/dev/mailbox',
      label: 'common:nav.mail',
      icon: 'mail',
      shown: ({ mailer }) => mailer.mailbox !== null,
    },
    { href: '/docs', label: 'common:nav.docs', icon: 'code' },
  ],
  guards: [],
  publicRoutes: [],
  deviceRoutes: [],
  hookRoutes: [],
  shopperRoutes: [],
  openRoutes: [auditKeysRoutes, signInRoutes, signOutRoutes, passwordResetRoutes, invitationStaffRoutes],
  routes: [
    alarmsAdminRoutes,
    overviewAdminRoutes,
    intakeAdminRoutes,
    analyticsAdminRoutes,
    marketsAdminRoutes,
    plansAdminRoutes,
    usageAdminRoutes,
    overridesAdminRoutes,
    keysAdminRoutes,
    shoppersAdminRoutes,
    claimsAdminRoutes,
    conflictsAdminRoutes,
    devicesAdminRoutes,
    messagesAdminRoutes,
    offersAdminRoutes,
    imageAdminRoutes,
    staffAdminRoutes,
    auditAdminRoutes,
    receiptsAdminRoutes,
    verificationAdminRoutes,
    isolationAdminRoutes,
    probesAdminRoutes,
    layersAdminRoutes,
    certificatesAdminRoutes,
    checksAdminRoutes,
    supportSessionsAdminRoutes,
    whyAdminRoutes,
    profileRoutes,
    mailboxAdminRoutes,
  ],
  operations: [
    tokenOperations,
    analyticsAdminOperations,
    intakeAdminOperations,
    marketsAdminOperations,
    plansAdminOperations,
    usageAdminOperations,
    overridesAdminOperations,
    shoppersAdminOperations,
    claimsAdminOperations,
    conflictsAdminOperations,
    devicesAdminOperations,
    messagesAdminOperations,
    offersAdminOperations,
    staffAdminOperations,
    auditAdminOperations,
    verificationAdminOperations,
    checksAdminOperations,
    supportSessionsAdminOperations,
    whyAdminOperations,
    isolationAdminOperations,
    layersAdminOperations,
    alarmsAdminOperations,
    receiptsAdminOperations,
  ],
  startJobs: async (deps) => {
    const { audit, ...tools } = deps;
    const stopTasks = startTasks({ ...deps, gate: deps.tasks, handlers: adminTasks(deps) });
    const stopKeeping = audit ? startKeeping({ ...tools, audit }) : async () => {};
    return async () => void (await Promise.all([stopTasks(), stopKeeping()]));
  },
};
