/** One spelling per IPv6 address, so that texts can be compared. */

/** RFC 5952 but for addresses with an IPv4 part, which stay hexadecimal, as the URL parser writes it; `undefined` where it is none. */
export function canonicalIpv6(text: string): string | undefined {
  // The parser would take the rest for a host, a path or a port.
  if (!/^[0-9a-f:.]+$/i.test(text)) return undefined;
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return undefined;
  }
}
