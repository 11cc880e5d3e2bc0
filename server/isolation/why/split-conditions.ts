/** The conditions that an expression of PostgreSQL's own writing joins by AND at its top, however deep in brackets. */
export function splitConditions(expression: string): string[] {
  const bare = unwrapped(expression.trim());
  const parts = cut(bare);
  return parts.length === 1 ? [bare] : parts.flatMap(splitConditions);
}

/** Without the brackets around the whole. */
function unwrapped(text: string): string {
  if (!text.startsWith('(') || closing(text) !== text.length - 1) return text;
  return unwrapped(text.slice(1, -1).trim());
}

function closing(text: string): number {
  return depths(text).findIndex((depth, at) => at > 0 && depth === 0 && text[at] === ')');
}

function cut(text: string): string[] {
  const depth = depths(text);
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(' AND '); at >= 0; at = text.indexOf(' AND ', at + 1)) {
    if (depth[at] !== 0) continue;
    parts.push(text.slice(from, at));
    from = at + ' AND '.length;
  }
  return [...parts, text.slice(from)];
}

/** How many brackets, or texts and names in quotes, are open after each character. */
function depths(text: string): number[] {
  let open = 0;
  let quote = '';
  return [...text].map((character) => {
    if (quote) {
      if (character === quote) quote = '';
      return open + (quote ? 1 : 0);
    }
    if (character === "'" || character === '"') quote = character;
    else if ('(['.includes(character)) open += 1;
    else if (')]'.includes(character)) open -= 1;
    return open + (quote ? 1 : 0);
  });
}
