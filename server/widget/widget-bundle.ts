import { bundleScript, valueModule } from '../http/script-bundle.ts';

/**
 * The widget's modules as one classic script, which needs no second request and no `type=module` in the page.
 * `messages.js` stands for the catalogue.
 * @throws Error naming what could not be put together
 */
export const bundleWidget = (folder: string, messages: Record<string, unknown>): string =>
  bundleScript({ folder, entry: 'widget', made: { messages: valueModule('MESSAGES', messages) } });
