/** A uri's last part, and what stands before it. */
export function named(uri: string): { readonly folder: string; readonly name: string } {
  const at = uri.lastIndexOf('/') + 1;
  return { folder: uri.slice(0, at), name: uri.slice(at) };
}
