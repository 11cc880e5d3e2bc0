import { analyticsPartnerOperations } from '../analytics/analytics.api.ts';
import { analyticsPartnerRoutes } from '../analytics/analytics.partner.routes.ts';
import { auditPartnerOperations } from '../audit/audit.api.ts';
import { auditPartnerRoutes } from '../audit/audit.partner.routes.ts';
import { auditKeysRoutes } from '../audit/audit-keys.routes.ts';
import { invitationPartnerRoutes } from '../auth/invitation.partner.routes.ts';
import { createPartnerDirectory } from '../auth/partner-directory.ts';
import { partnerSessions } from '../auth/partner-sessions.ts';
import { passwordResetRoutes } from '../auth/password-reset.routes.ts';
import { profileRoutes } from '../auth/profile.routes.ts';
import { signInRoutes } from '../auth/sign-in.routes.ts';
import { signOutRoutes } from '../auth/sign-out.routes.ts';
import { tokenOperations } from '../auth/token.operations.ts';
import { branchesPartnerOperations } from '../branches/branches.api.ts';
import { branchesPartnerRoutes } from '../branches/branches.partner.routes.ts';
import { claimsPartnerOperations } from '../claims/claims.api.ts';
import { claimsDocuments } from '../claims/claims.documents.ts';
import { claimsPartnerRoutes } from '../claims/claims.partner.routes.ts';
import { claimsPublicRoutes } from '../claims/claims.public.routes.ts';
import { redemptionsPartnerRoutes } from '../claims/redemptions.partner.routes.ts';
import { deviceSurface } from '../devices/device.routes.ts';
import { devicesPartnerOperations } from '../devices/devices.api.ts';
import { devicesPartnerRoutes } from '../devices/devices.partner.routes.ts';
import { eventsDocuments } from '../events/events.api.ts';
import { eventsPublicRoutes } from '../events/events.public.routes.ts';
import { exportsPartnerOperations } from '../exports/exports.api.ts';
import { exportsPartnerRoutes } from '../exports/exports.partner.routes.ts';
import { imagePartnerRoutes } from '../images/images.partner.routes.ts';
import { importsPartnerOperations } from '../imports/imports.api.ts';
import { importsPartnerRoutes } from '../imports/imports.partner.routes.ts';
import { partnerTasks } from '../isolation/tasks/partner-tasks.ts';
import { startTasks } from '../isolation/tasks/task-runner.ts';
import { startPartnerJobs } from '../jobs/partner-jobs.ts';
import { keysPartnerOperations } from '../keys/keys.api.ts';
import { keysPartnerRoutes } from '../keys/keys.partner.routes.ts';
import { marketAuth } from '../market/market-auth.ts';
import { ownMarketPartnerOperations } from '../markets/own-market.api.ts';
import { ownMarketPartnerRoutes } from '../markets/own-market.partner.routes.ts';
import { messagesPartnerOperations } from '../messages/messages.api.ts';
import { messagesPartnerRoutes } from '../messages/messages.partner.routes.ts';
import { optOutRoutes } from '../messages/opt-out.routes.ts';
import { whatsAppHookRoutes } from '../messages/whatsapp.hook.routes.ts';
import { offersPartnerOperations } from '../offers/offers.api.ts';
import { offersPartnerRoutes } from '../offers/offers.partner.routes.ts';
import { overviewPartnerRoutes } from '../overview/overview.partner.routes.ts';
import { usagePartnerOperations } from '../plans/usage.api.ts';
import { usagePartnerRoutes } from '../plans/usage.partner.routes.ts';
import { hostedRoutes } from '../public/hosted/hosted.routes.ts';
import { publicSurface } from '../public/public.routes.ts';
import { storefrontDocuments } from '../public/storefront.api.ts';
import { storefrontRoutes } from '../public/storefront.routes.ts';
import { shopperVerifier } from '../shoppers/shopper-auth.ts';
import { shoppersDocuments } from '../shoppers/shoppers.documents.ts';
import { shoppersPublicRoutes } from '../shoppers/shoppers.public.routes.ts';
import { accessLogPartnerRoutes } from '../support/sessions/access-log.partner.routes.ts';
import { supportEntryRoutes } from '../support/sessions/support-entry.partner.routes.ts';
import { supportGuard } from '../support/sessions/support-guard.partner.ts';
import { supportSessionPartnerRoutes } from '../support/sessions/support-session.partner.routes.ts';
import { accessLogPartnerOperations } from '../support/sessions/support-sessions.api.ts';
import { conflictsPartnerOperations } from '../sync/conflicts.api.ts';
import { conflictsPartnerRoutes } from '../sync/conflicts.partner.routes.ts';
import { syncDeviceRoutes } from '../sync/sync.device.routes.ts';
import { syncDocuments } from '../sync/sync.documents.ts';
import { teamPartnerOperations } from '../team/team.api.ts';
import { teamPartnerRoutes } from '../team/team.partner.routes.ts';
import { tillRoutes } from '../till/till.routes.ts';
import { widgetRoutes } from '../widget/widget.routes.ts';
import type { Portal } from './portal.ts';

/** The partner portal: one market a session. Nothing of the admin portal may be imported here. */
export const partner: Portal = {
  name: 'partner',
  logins: { scoped: 'bulkhead_partner', gate: 'bulkhead_partner_gate' },
  sessionTable: partnerSessions,
  directory: createPartnerDirectory,
  throttleTable: 'partner_throttle',
  auth: marketAuth,
  nav: [
    { href: '/', label: 'common:nav.overview', icon: 'layout-dashboard' },
    { href: '/offers', label: 'common:nav.offers', icon: 'tag' },
    { href: '/redemptions', label: 'common:nav.redemptions', icon: 'scan-line' },
    { href: '/conflicts', label: 'common:nav.conflicts', icon: 'triangle-alert' },
    { href: '/claims', label: 'common:nav.claims', icon: 'ticket' },
    { href: '/messages', label: 'common:nav.messages', icon: 'send' },
    { href: '/analytics', label: 'common:nav.analytics', icon: 'chart-line' },
    { href: '/imports', label: 'common:nav.imports', icon: 'file-spreadsheet' },
    { href: '/exports', label: 'common:nav.exports', icon: 'download' },
    { href: '/branches', label: 'common:nav.branches', icon: 'map-pin' },
    { href: '/devices', label: 'common:nav.devices', icon: 'smartphone' },
    { href: '/team', label: 'common:nav.team', icon: 'users' },
    { href: '/keys', label: 'common:nav.keys', icon: 'key', roles: ['owner', 'manager'] },
    { href: '/usage', label: 'common:nav.usage', icon: 'gauge' },
    { href: '/audit', label: 'common:nav.audit', icon: 'scroll-text' },
    { href: '/access-log', label: 'common:nav.accessLog', icon: 'eye' },
    { href: '/market', label: 'common:nav.settings', icon: 'store' },
    { href: '/docs', label: 'common:nav.docs', icon: 'code' },
  ],
  guards: [supportGuard],
  publicRoutes: [
    publicSurface({
      routes: [storefrontRoutes, eventsPublicRoutes, shoppersPublicRoutes, claimsPublicRoutes],
      operations: [...storefrontDocuments, ...eventsDocuments, ...shoppersDocuments, ...claimsDocuments],
      shoppers: shopperVerifier,
    }),
  ],
  // Each of `routes` is a router that expects `req.till`; `operations` is what it says of itself in the document.
  deviceRoutes: [deviceSurface({ routes: [syncDeviceRoutes], operations: [...syncDocuments] })],
  hookRoutes: [whatsAppHookRoutes],
  shopperRoutes: [widgetRoutes, optOutRoutes, hostedRoutes, tillRoutes],
  openRoutes: [
    auditKeysRoutes,
    supportEntryRoutes,
    signInRoutes,
    signOutRoutes,
    passwordResetRoutes,
    invitationPartnerRoutes,
  ],
  routes: [
    overviewPartnerRoutes,
    analyticsPartnerRoutes,
    offersPartnerRoutes,
    claimsPartnerRoutes,
    redemptionsPartnerRoutes,
    conflictsPartnerRoutes,
    messagesPartnerRoutes,
    imagePartnerRoutes,
    importsPartnerRoutes,
    exportsPartnerRoutes,
    branchesPartnerRoutes,
    devicesPartnerRoutes,
    teamPartnerRoutes,
    keysPartnerRoutes,
    usagePartnerRoutes,
    auditPartnerRoutes,
    accessLogPartnerRoutes,
    supportSessionPartnerRoutes,
    ownMarketPartnerRoutes,
    profileRoutes,
  ],
  operations: [
    tokenOperations,
    analyticsPartnerOperations,
    offersPartnerOperations,
    claimsPartnerOperations,
    conflictsPartnerOperations,
    messagesPartnerOperations,
    importsPartnerOperations,
    exportsPartnerOperations,
    branchesPartnerOperations,
    devicesPartnerOperations,
    teamPartnerOperations,
    keysPartnerOperations,
    usagePartnerOperations,
    auditPartnerOperations,
    accessLogPartnerOperations,
    ownMarketPartnerOperations,
  ],
  startJobs: async (deps) => {
    const stopTasks = startTasks({ ...deps, gate: deps.tasks, handlers: partnerTasks(deps) });
    const stopJobs = await startPartnerJobs(deps);
    return async () => void (await Promise.all([stopTasks(), stopJobs()]));
  },
};
