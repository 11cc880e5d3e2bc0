import { readCode } from './code.js';
import { preferences } from './preferences.js';
import { lookUp, markSeen, redeem } from './redeem.js';
import { SCREENS } from './screens.js';
import { wakeSound } from './sound.js';
import { readStatus } from './status.js';
import { createSyncer } from './syncer.js';
import { createText } from './text.js';
import { createView } from './view.js';
import { listenToScanner } from './wedge.js';

/** How long a cashier waits for the server's word before the till says that it will be told. */
const WORD_MS = 4_000;
const LOCK_MS = 10 * 60_000;

/** The till itself: what it knows, what it does, and which screen is shown. Screens are functions of it. */
export function createTill({ db, clock, nextId, protocol, build }) {
  const channel = new BroadcastChannel('bulkhead-till');
  const till = {
    ...{ db, clock, nextId, protocol, build, preferences: preferences() },
    ...{
      shell: null,
      status: null,
      text: null,
      screen: null,
      reach: navigator.onLine ? 'unknown' : 'offline',
    },
    isUnlocked: false,
  };
  const view = createView(till);
  const syncer = createSyncer({ db, protocol, clock, build, onSettled });

  async function onSettled(reach, problem) {
    Object.assign(till, { reach, problem: problem?.code });
    // The server has moved on to another protocol: so has the till that it serves.
    if (till.problem === 'sync-version') till.shell?.look();
    channel.postMessage('changed');
    await till.refresh();
    if (till.screen === 'busy') return;
    if (till.status.sealed && !till.status.device && !isOneOf('revoked', 'pair')) till.home();
  }
  const isOneOf = (...names) => names.includes(till.screen);

  Object.assign(till, {
    sync: () => syncer.now(),
    isOnline: () => navigator.onLine && till.reach !== 'offline',
    moment: () => ({ now: clock.now(), isOnline: till.isOnline() }),

    async start({ shell, asked }) {
      till.shell = shell;
      till.asked = asked;
      await till.refresh();
      listen();
      if (till.status.device) void till.sync();
      till.home();
    },

    /** Reads again what is shown of the till itself; another tab or the service worker may have changed it. */
    async refresh() {
      till.status = await readStatus(db);
      const market = till.status.device?.market ?? {};
      till.text = createText(till.preferences.locale, market);
      view.frame();
    },

    show(screen, props = {}) {
      till.screen = screen;
      view.show(screen, SCREENS[screen](till, props));
    },

    /** The screen that belongs here when nothing is under way. */
    home() {
      const { device, pin, sealed, queue } = till.status;
      if (!device) return till.show(sealed && !till.asked ? 'revoked' : 'pair');
      if (!pin) return till.show('choosePin');
      if (!till.isUnlocked) return till.show('lock');
      const unseen = queue.find((operation) => operation.isUnseen);
      if (unseen) return till.show('result', { operation: unseen, isLate: true });
      till.show('ready');
    },

    /** A pairing link was opened in a till that is already here. One that is paired stays what it is. */
    ask(asked) {
      if (!asked || till.status.device) return;
      till.asked = asked;
      till.show('pair');
    },

    unlock() {
      till.isUnlocked = true;
      wakeSound();
      till.home();
    },

    lock() {
      till.isUnlocked = false;
      till.home();
    },

    async take(typed, isAccepted = false) {
      const code = readCode(typed);
      const id = nextId();
      till.show('busy');
      const made = await attempt(id, code, isAccepted);
      await till.refresh();
      if (made.verdict === 'unconfirmed' && !made.operation) return till.show('ask', { code });
      if (made.verdict === 'revoked') return till.home();
      if (!made.operation) return till.show('result', { code, ...made });
      await untilAnswered();
      const operation = (await db.get('queue', id)) ?? made.operation;
      await till.refresh();
      if (!till.status.device) return till.home();
      till.show('result', { operation });
    },

    async seen(operation) {
      if (operation) await markSeen(db, operation.id);
      await till.refresh();
    },

    /** A new version is there. Where somebody works it waits for a press, or for a pause. */
    update() {
      till.hasUpdate = true;
      view.frame();
      if (isOneOf('lock', 'pair') || (till.screen === 'ready' && document.hidden)) till.shell?.apply();
    },

    setPreference(name, value) {
      till.preferences.set(name, value);
      void till.refresh().then(() => till.show(till.screen, { isChanged: true }));
    },
  });

  /** Asks the server for news when a code is not known here and somebody may answer. */
  async function attempt(id, code, isAccepted) {
    const write = () =>
      redeem(db, {
        ...{ id, code, isAccepted, moment: till.moment() },
        redeemedAt: new Date(clock.device()).toISOString(),
      });
    if (isAccepted) return write();
    const { verdict } = await lookUp(db, code, till.moment());
    if (verdict === 'unknown' || verdict === 'unconfirmed') await within(WORD_MS, till.sync());
    return write();
  }

  /** On the disk already; whether the server has an answer in time only decides what is said. */
  async function untilAnswered() {
    void till.shell?.askForSync();
    const synced = till.sync();
    if (till.isOnline()) await within(WORD_MS, synced);
  }

  function listen() {
    channel.addEventListener('message', () => void till.refresh().then(leaveWhatIsGone));
    window.addEventListener('online', () => void till.sync());
    window.addEventListener('offline', () => {
      till.reach = 'offline';
      view.frame();
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) return void till.shell?.look?.();
      if (till.hasUpdate && isOneOf('ready', 'lock', 'pair')) till.shell?.apply();
    });
    listenToScanner((code) => isOneOf('ready', 'result') && void till.leave(code));
    document.addEventListener('pointerdown', restart);
    document.addEventListener('keydown', restart);
    restart();
  }

  /** From a result straight to the next code. */
  till.leave = async (code) => {
    await view.leaving?.();
    await till.take(code);
  };

  function leaveWhatIsGone() {
    if (!till.status.device && !isOneOf('revoked', 'pair', 'busy')) till.home();
  }

  let idle = null;
  function restart() {
    wakeSound();
    clearTimeout(idle);
    idle = setTimeout(() => isOneOf('ready', 'queue', 'settings') && till.lock(), LOCK_MS);
  }

  return till;
}

const within = (ms, work) => Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))]);
