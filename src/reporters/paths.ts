/** Paths as services want them: forward slashes, and percent-encoded where the format says URI. */

/** RFC 3986 path: `/` kept, all else that is not unreserved encoded as UTF-8. Absolute paths become `file:` URIs. */
export function pathUri(path: string): string {
  const encoded = path.split('/').map(encodeSegment).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    each => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
