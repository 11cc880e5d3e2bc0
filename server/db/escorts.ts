import { type ContextKey, signContext } from '../market/context.ts';
import type { Scope } from '../market/scope.ts';
import { CONTEXT_SQL, CONTEXT_STATEMENT, type Escort, type Session } from './session.ts';
import type { Wire } from './wire.ts';

/** A support session's statements come with this one: once it has run, its transaction can't be made to write. */
const READ_ONLY_SQL =
  "select set_config('app.context', $1, true) is null, set_config('transaction_read_only', 'on', true) is null";

/** `begin` is for a Citus coordinator, which passes a setting on only inside an explicit transaction. */
export type ContextMode = 'implicit' | 'begin';

export interface EscortOptions {
  readonly key: ContextKey;
  readonly mode: ContextMode;
  readonly named: boolean;
}

/** How the signed context gets in front of a statement, in the same batch. */
export class Escorts {
  private readonly options: EscortOptions;

  constructor(options: EscortOptions) {
    this.options = options;
  }

  /** For a single statement. In implicit mode the batch itself is the transaction that the context lives in. */
  statement(scope: Scope): Escort {
    if (this.options.mode === 'implicit') {
      return { lead: 1, before: (wire, session) => this.select(wire, session, scope), after() {} };
    }
    return {
      lead: 2,
      before: (wire, session) =>
        this.setLocal(wire.run(reads(scope) ? 'begin read only' : 'begin'), session, scope),
      after: (wire) => void wire.run('commit'),
    };
  }

  /** For BEGIN: the context goes behind it, because in front of an isolation level it is error 25001. */
  begin(scope: Scope): Escort {
    if (this.options.mode === 'begin') return this.beginLocal(scope);
    return { lead: 0, before() {}, after: (wire, session) => this.select(wire, session, scope) };
  }

  /** The same by SET LOCAL, which leaves the isolation level open. */
  beginLocal(scope: Scope): Escort {
    return {
      lead: 0,
      before() {},
      after: (wire, session) => {
        if (reads(scope)) wire.run('set local transaction_read_only = on');
        this.setLocal(wire, session, scope);
      },
    };
  }

  private sign(scope: Scope, session: Session): string {
    return signContext(scope, this.options.key, session.processID);
  }

  private select(wire: Wire, session: Session, scope: Scope): void {
    const context = [this.sign(scope, session)];
    // Rare enough to be parsed each time.
    if (reads(scope)) wire.parse('', READ_ONLY_SQL).bind('', context).execute();
    else if (this.options.named) wire.bind(CONTEXT_STATEMENT, context).execute();
    else wire.parse('', CONTEXT_SQL).bind('', context).execute();
  }

  /** SET takes no parameters. The alphabet leaves nothing to escape. */
  private setLocal(wire: Wire, session: Session, scope: Scope): void {
    const context = this.sign(scope, session);
    if (!/^[\w|.-]+$/.test(context)) throw new TypeError('A context holds a character that it may not');
    wire.run(`set local app.context = '${context}'`);
  }
}

/** Whether nothing that the scope does may write, whatever it says. */
const reads = ({ actor, support }: Scope): boolean => actor.kind === 'support' || support !== undefined;
