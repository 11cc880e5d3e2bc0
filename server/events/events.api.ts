import type { DocumentedOperation } from '../http/api.ts';
import { intakeAnswer, reportedEvents } from './events.input.ts';

/** What /public/v1/openapi.json says of events. */
export const eventsDocuments: readonly DocumentedOperation[] = [
  {
    ...{ method: 'post', path: '/events', tag: 'Events', summary: 'Report views of offers' },
    description:
      'Durable when it is answered, and safe to send again: an event id counts once. Of the views of one offer by one visitor, the first of each half hour counts. `text/plain` is read as JSON, for `navigator.sendBeacon`. 503 with Retry-After: nothing was written, send it again.',
    ...{ body: reportedEvents, response: intakeAnswer, status: 202 },
  },
];
