import type { Answer, Body } from './ask.ts';
import { type Form, formsOf } from './html.ts';
import type { Mutant } from './mutations.ts';

/** Words that only our own machinery uses: an answer with one of them shows its inside. */
const INSIDE =
  /prisma|node_modules|\.[jt]s:\d+|\n\s+at \w|violates|duplicate key|syntax error|SQLSTATE|pg_catalog|undefined is not|Cannot read prop|ZodError|\[object Object\]/i;

/** What is wrong with how a broken request was answered; nothing when it was refused well, or is no mistake. */
export function faultsOf(answer: Answer, mutant: Mutant): string[] {
  const { status } = answer;
  const inside = INSIDE.exec(withoutEcho(answer.text, mutant));
  const faults = inside ? [`shows its inside: ${inside[0].trim()}`] : [];
  if (status >= 500 || status < 200) faults.push(`answers ${status}`);
  if (status < 400 || status >= 500) return faults;
  return [
    ...faults,
    ...(mutant.ask.path.startsWith('/api/') ? problemFaults(answer, mutant) : pageFaults(answer, mutant)),
  ];
}

/** What was typed may come back, and may hold any word. */
function withoutEcho(text: string, { ask }: Mutant): string {
  const sent = ask.body && 'fields' in ask.body ? ask.body.fields.map(([, value]) => value) : [];
  return sent.filter((value) => value.length > 5).reduce((left, value) => left.replaceAll(value, ''), text);
}

function problemFaults({ headers, text, status }: Answer, { field, isUnreadable, ask }: Mutant): string[] {
  if (!String(headers['content-type']).startsWith('application/problem+json'))
    return ['is no problem document'];
  const problem = JSON.parse(text) as { status: number; errors?: { field: string; message: string }[] };
  const faults = problem.status === status ? [] : ['says another status than it has'];
  if (isUnreadable && field && !text.includes(field)) faults.push('does not name the field');
  if (status !== 422 || !field) return faults;
  const named = (problem.errors ?? []).map((error) => error.field.split(/[.[]/)[0]!);
  const known = new Set([...namesIn(ask.body), ...(ask.query ?? []).map(([name]) => name), field, '_form']);
  if (named.length === 0 || !named.every((name) => known.has(name)))
    faults.push(`names ${named.join(', ') || 'no field'}`);
  if ((problem.errors ?? []).some(({ message }) => /^[a-z-]+:[\w.]+$/i.test(message)))
    faults.push('shows a message key');
  return faults;
}

function pageFaults({ headers, text, status }: Answer, { field, isUnreadable, ask }: Mutant): string[] {
  if (!String(headers['content-type']).startsWith('text/html')) return ['is no page'];
  if (isUnreadable && field && status === 400 && !text.includes(field)) return ['does not name the field'];
  if (status !== 422 || !field || !ask.body || !('fields' in ask.body)) return [];
  const marked = /aria-invalid="true"|data-invalid|class="[^"]*error/.test(text);
  const form = formsOf(text, ask.path).find(({ action }) => action.split('?')[0] === ask.path);
  if (!form) return marked ? [] : ['shows neither the form nor a message'];
  return [...(marked ? [] : ['marks no field']), ...lostValues(form, ask.body.fields, field)];
}

/** What was typed into the other fields is still there. */
function lostValues(form: Form, sent: readonly (readonly [string, string])[], touched: string): string[] {
  return sent.flatMap(([name, value]) => {
    const field = form.fields.find(
      (each) =>
        each.name === name && !['password', 'file', 'checkbox', 'radio', 'hidden'].includes(each.type),
    );
    if (
      !field ||
      name.replace(/\[\]$/, '') === touched ||
      sent.filter(([other]) => other === name).length > 1
    )
      return [];
    const shown =
      field.type === 'select' ? field.options.find(({ selected }) => selected)?.value : field.value;
    return shown === value ? [] : [`loses ${name}: ${shown?.slice(0, 40)} instead of ${value.slice(0, 40)}`];
  });
}

function namesIn(body: Body | undefined): string[] {
  if (body?.kind === 'json' && typeof body.value === 'object') return Object.keys(body.value ?? {});
  return body && 'fields' in body ? body.fields.map(([name]) => name.replace(/\[\]$/, '')) : [];
}
