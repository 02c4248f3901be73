/** A shorter input that still has the property: stretches are taken out, long ones first (delta debugging's idea). */
export async function minimise(
  input: Buffer,
  holds: (input: Buffer) => Promise<boolean>,
  tries = 4000,
): Promise<Buffer> {
  let smallest = input;
  let left = tries;
  for (let size = input.length >>> 1; size > 0; size >>>= 1) {
    for (let at = 0; at < smallest.length && left > 0; ) {
      left--;
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if (shorter.length < smallest.length && (await holds(shorter))) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}
