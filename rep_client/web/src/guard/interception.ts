/**
 * Puts a function of ours in front of a method of one object of the browser, as an own property, and takes it away
 * again. Several may stand in front of one another and go in any order: one that is not the outermost stays in place
 * when it is taken away, and passes everything on.
 */

type Method = (this: unknown, ...given: never[]) => unknown;

/**
 * `replace` is given what would have been called, `this` and arguments bound, and the arguments. Returns what takes it
 * away. An object that has no such method, or is sealed, is left alone.
 */
export function intercept<Name extends string, Through extends Method>(
  object: { [name in Name]?: Through },
  name: Name,
  replace: (through: () => ReturnType<Through>, given: Parameters<Through>) => ReturnType<Through>,
): () => void {
  const original = object[name];
  const before = Object.getOwnPropertyDescriptor(object, name);
  if (typeof original !== "function") return () => undefined;
  let standing = true;
  const ours = function (this: unknown, ...given: Parameters<Through>): ReturnType<Through> {
    const through = (): ReturnType<Through> => original.apply(this, given) as ReturnType<Through>;
    return standing ? replace(through, given) : through();
  };
  const placed = Reflect.defineProperty(object, name, {
    value: ours,
    configurable: true,
    writable: true,
    enumerable: before?.enumerable ?? false,
  });
  return () => {
    standing = false;
    if (!placed || Object.getOwnPropertyDescriptor(object, name)?.value !== ours) return;
    if (before) Object.defineProperty(object, name, before);
    else Reflect.deleteProperty(object, name);
  };
}
