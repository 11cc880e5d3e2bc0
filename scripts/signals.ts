import { BootError } from '../server/boot-error.ts';

/** Ctrl-C and SIGTERM as something to wait for, so that what was started is always stopped in order. */
export interface Ending {
  readonly asked: boolean;
  /** Settles with `work`, or with undefined as soon as an end is asked for. */
  orElse<T>(work: Promise<T>): Promise<T | undefined>;
  throwIfAsked(): void;
  /** Called when somebody asks twice: they do not want to wait. */
  onSecond(hurry: () => void): void;
}

export function endingSignals(): Ending {
  let times = 0;
  // Children and the database notice the end of this process and stop by themselves.
  let hurry = () => process.exit(130) as unknown;
  let end: (nothing: undefined) => void;
  const asked = new Promise<undefined>((resolve) => {
    end = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      times += 1;
      if (times === 1) process.stdout.write('\nStopping; once more to stop at once.\n');
      else if (times === 2) hurry();
      else process.exit(130);
      end(undefined);
    });
  }
  return {
    get asked() {
      return times > 0;
    },
    orElse: (work) => Promise.race([work, asked]),
    throwIfAsked() {
      if (times > 0) throw new BootError('Stopped before the portals were up.');
    },
    onSecond(action) {
      hurry = action;
      if (times > 1) action();
    },
  };
}
