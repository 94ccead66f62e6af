// What this page needs of an OpenAPI document, of version 3 or Swagger 2: pure.

const verbs = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head'];
const deepest = 4; // schemas within schemas in an example

function found(document, reference) {
  return reference.replace(/^#\//, '').split('/').reduce((at, name) => at?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], document) ?? {};
}

function resolved(document, schema) {
  return schema?.$ref ? found(document, schema.$ref) : schema ?? {};
}

/// A value that fits a schema.
export function example_of(document, schema, depth = 0) {
  const one = resolved(document, schema);
  const first = one.example ?? one.default ?? one.enum?.[0];
  if (first !== undefined)
    return first;
  const part = one.oneOf?.[0] ?? one.anyOf?.[0] ?? one.allOf?.[0];
  if (part)
    return example_of(document, part, depth + 1);
  if (one.type === 'array')
    return depth < deepest ? [example_of(document, one.items, depth + 1)] : [];
  if (one.type === 'object' || one.properties)
    return depth < deepest ? Object.fromEntries(Object.entries(one.properties ?? {}).map(([name, each]) => [name, example_of(document, each, depth + 1)])) : {};
  return { integer: 0, number: 0, boolean: false }[one.type] ?? '';
}

function body_of(document, operation, parameters) {
  const json = operation.requestBody && resolved(document, operation.requestBody).content?.['application/json'];
  const schema = json?.schema ?? parameters.find((each) => each.in === 'body')?.schema;
  return schema ? JSON.stringify(example_of(document, schema), null, 2) : null;
}

/// The operations: {verb, path, summary, parameters: [{name, in, required, type, about}], body, responses: [{status, about}]};
/// `body` is an example as a text, or null.
export function operations_of(document) {
  const result = [];
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const verb of verbs.filter((each) => item[each])) {
      const operation = item[verb];
      const parameters = [...item.parameters ?? [], ...operation.parameters ?? []].map((each) => resolved(document, each));
      result.push({
        verb: verb.toUpperCase(), path: (document.basePath ?? '').replace(/\/$/, '') + path,
        summary: operation.summary ?? operation.operationId ?? '', about: operation.description ?? '',
        parameters: parameters.filter((each) => each.in === 'path' || each.in === 'query').map((each) => ({
          name: each.name, in: each.in, required: Boolean(each.required), about: each.description ?? '',
          type: resolved(document, each.schema ?? each).type ?? 'string' })),
        body: body_of(document, operation, parameters),
        responses: Object.entries(operation.responses ?? {}).map(([status, each]) => ({ status, about: resolved(document, each).description ?? '' })),
      });
    }
  return result;
}

/// The address of a call with these values by the names of parameters; those of the query that are empty are left out.
export function address_of({ path, parameters }, values) {
  const whole = path.replace(/\{([^}=]+)[^}]*\}/g, (_, name) => encodeURIComponent(values[name] ?? ''));
  const query = new URLSearchParams(parameters.filter((each) => each.in === 'query' && values[each.name]).map((each) => [each.name, values[each.name]]));
  return query.size > 0 ? `${whole}?${query}` : whole;
}
