/** Ids of definitions, and the id a name suggests. */

const ID = /^[a-z0-9_-]{1,64}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

export function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .slice(0, 64);
}
