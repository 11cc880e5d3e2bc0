import { v7 } from 'uuid';

/** The id of an event of this instant, in milliseconds. */
export const eventId = (at: number): string => v7({ msecs: at });
