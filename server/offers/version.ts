/** Now, but always later than what it follows: a version must differ from the one before it. */
export const after = (before: Date, now: Date): Date =>
  new Date(Math.max(now.getTime(), before.getTime() + 1));
