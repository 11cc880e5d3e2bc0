import { invitationStaffRoutes } from '../auth/invitation.staff.routes.ts';
import { passwordResetRoutes } from '../auth/password-reset.routes.ts';
import { profileRoutes } from '../auth/profile.routes.ts';
import { signInRoutes } from '../auth/sign-in.routes.ts';
import { signOutRoutes } from '../auth/sign-out.routes.ts';
import { staffAuth } from '../auth/staff-auth.ts';
import { createStaffDirectory } from '../auth/staff-directory.ts';
import { staffSessions } from '../auth/staff-sessions.ts';
import { tokenOperations } from '../auth/token.operations.ts';
import { mailboxAdminRoutes } from '../mail/mailbox.admin.routes.ts';
import { overviewAdminRoutes } from '../overview/overview.admin.routes.ts';
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
    {
      href: '/dev/mailbox',
      label: 'common:nav.mail',
      icon: 'mail',
      shown: ({ mailer }) => mailer.mailbox !== null,
    },
    { href: '/docs', label: 'common:nav.docs', icon: 'code' },
  ],
  openRoutes: [signInRoutes, signOutRoutes, passwordResetRoutes, invitationStaffRoutes],
  routes: [overviewAdminRoutes, profileRoutes, mailboxAdminRoutes],
  operations: [tokenOperations],
  startJobs: async () => async () => {},
};
