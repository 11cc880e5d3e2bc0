import { isbot } from 'isbot';

/** By a maintained list of crawlers, monitors and tools. A browser always says what it is. */
export const isBot = (userAgent: string | undefined): boolean => !userAgent || isbot(userAgent);
