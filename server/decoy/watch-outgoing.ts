import type { DestinationStream } from 'pino';
import type { Mail } from '../mail/mailbox.ts';
import type { Channel, Channels } from '../messages/channel.ts';
import type { DecoyWatch } from './decoy-watch.ts';

/** A log that is looked through line by line on its way out. `watch` comes later than the log itself. */
export function watchedLog(out: DestinationStream, watch: () => DecoyWatch | undefined): DestinationStream {
  return {
    write: (line) => {
      const watching = watch();
      if (watching?.sees(line)) watching.report({ place: 'log' });
      out.write(line);
    },
  };
}

/** Looks through a letter and the files that go with it. */
export function watchMail(watch: DecoyWatch, mail: Mail): void {
  const files = (mail.attachments ?? []).map(({ content }) => Buffer.from(content, 'base64'));
  if ([mail.subject, mail.text, mail.html, ...files].some((part) => watch.sees(part)))
    watch.report({ place: 'mail' });
}

/** Channels whose messages are looked through before they leave. */
export function watchedChannels(watch: DecoyWatch, channels: Channels): Channels {
  const watched = (channel: Channel | null): Channel | null =>
    channel && {
      name: channel.name,
      send: (message) => {
        if (watch.sees(JSON.stringify(message))) {
          const viewer = `recipient ${message.recipientId}`;
          watch.report({ place: 'message', viewerMarket: message.marketId, viewer });
        }
        return channel.send(message);
      },
    };
  return { email: watched(channels.email), whatsapp: watched(channels.whatsapp) };
}
