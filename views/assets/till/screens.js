import { pairScreen } from './screen-pair.js';
import { choosePinScreen, lockScreen } from './screen-pin.js';
import { queueScreen } from './screen-queue.js';
import { askScreen, busyScreen, readyScreen } from './screen-ready.js';
import { resultScreen } from './screen-result.js';
import { revokedScreen } from './screen-revoked.js';
import { settingsScreen } from './screen-settings.js';

/** Each is `(till, props) → element`; `data-focus` marks where the focus goes, else to its heading. */
export const SCREENS = {
  pair: pairScreen,
  choosePin: choosePinScreen,
  lock: lockScreen,
  ready: readyScreen,
  busy: busyScreen,
  ask: askScreen,
  result: resultScreen,
  queue: queueScreen,
  settings: settingsScreen,
  revoked: revokedScreen,
};
