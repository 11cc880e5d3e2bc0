import { attrs, type Markup } from './markup.ts';

/** What a field partial is called with; `value` and `error` fall back to the page's `values` and `errors`. */
export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly id?: string;
  readonly value?: unknown;
  readonly error?: unknown;
  readonly hint?: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly extra?: Record<string, unknown>;
}

export interface FieldView {
  readonly id: string;
  readonly value: unknown;
  readonly error: string;
  readonly describedBy: string | undefined;
  /** Attributes of the control itself. */
  readonly control: Markup;
}

interface Form {
  readonly values: Record<string, unknown>;
  readonly errors: Record<string, unknown>;
  readonly message: (text: unknown) => string;
}

/** Joins a control to its label, hint and error, and finds its value and error in the form. */
export function fieldView(props: FieldProps, form: Form): FieldView {
  const id = props.id ?? `f-${props.name.replace(/[^a-zA-Z0-9_-]+/g, '-')}`;
  const raw = props.error ?? own(form.errors, props.name);
  const error = raw ? form.message(raw) : '';
  const describedBy =
    [props.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const control = attrs({
    id,
    name: props.name,
    required: props.required,
    disabled: props.disabled,
    'aria-describedby': describedBy,
    'aria-invalid': error ? 'true' : undefined,
    ...props.extra,
  });
  return { id, value: props.value ?? own(form.values, props.name) ?? '', error, describedBy, control };
}

/** Form values come from a request: a field called `__proto__` or `constructor` has none. */
function own(map: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}
