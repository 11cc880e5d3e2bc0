import type { RoleAccesses } from '../role-clients.ts';
import type { Json } from '../task-gate.ts';
import { answer } from './answer.ts';
import { question, roleOf } from './question.ts';

/** The task `why`, as the partner process answers it. @throws ZodError for a question that is none. */
export function partnerWhy(accesses: RoleAccesses): (input: unknown) => Promise<Json> {
  return async (input) => {
    const asked = question.parse(input);
    const roleAccess = asked.surface === 'admin' ? undefined : accesses[roleOf(asked.surface)];
    if (!roleAccess) throw new Error(`this process holds no key of the surface ${asked.surface}`);
    return (await answer(roleAccess, asked)) as unknown as Json;
  };
}
