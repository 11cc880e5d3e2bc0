export interface SchemaModel {
  readonly name: string;
  readonly table: string;
  /** The line of `marketId` in schema.prisma. */
  readonly marketId: string | null;
}

/** The models of schema.prisma, as far as the rules about markets need them. */
export function readModels(schema: string): SchemaModel[] {
  return [...schema.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)].map(([, name, body]) => ({
    name: name!,
    table: /@@map\("(\w+)"\)/.exec(body!)?.[1] ?? name!,
    marketId: /^\s*(marketId\s.*)$/m.exec(body!)?.[1] ?? null,
  }));
}
