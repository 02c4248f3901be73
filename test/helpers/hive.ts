/** The smallest hive of a registry: one root key without values, for programs that import into one. */

const PAGE = 4096;
const NONE = 0xff_ff_ff_ff;
/** Offsets of cells, from the first bin. */
const ROOT = 0x20;
const SECURITY = 0x80;

/** As `regf` 1.3 has it: a base block and one bin with the root key, its security and free space. */
export function emptyHive(): Buffer {
  const hive = Buffer.alloc(2 * PAGE);
  hive.write('regf', 0, 'latin1');
  const base = [1, 1, 0, 0, 1, 3, 0, 1, ROOT, PAGE, 1];
  for (const [index, value] of base.entries()) hive.writeUInt32LE(value, 4 + 4 * index);
  let checksum = 0;
  for (let at = 0; at < 508; at += 4) checksum ^= hive.readUInt32LE(at);
  hive.writeUInt32LE(checksum >>> 0, 508);
  const bin = hive.subarray(PAGE);
  bin.write('hbin', 0, 'latin1');
  bin.writeUInt32LE(PAGE, 8);
  writeRoot(bin.subarray(ROOT, SECURITY));
  writeSecurity(bin.subarray(SECURITY));
  return hive;
}

/** A cell begins with its size, negative while it is in use. */
function writeRoot(cell: Buffer): void {
  cell.writeInt32LE(-cell.length, 0);
  cell.write('nk', 4, 'latin1');
  // The root key, with its name in one byte a character.
  cell.writeUInt16LE(0x2c, 6);
  cell.writeUInt32LE(NONE, 4 + 0x10);
  for (const at of [0x1c, 0x20, 0x28, 0x30]) cell.writeUInt32LE(NONE, 4 + at);
  cell.writeUInt32LE(SECURITY, 4 + 0x2c);
  cell.writeUInt16LE(4, 4 + 0x48);
  cell.write('root', 4 + 0x4c, 'latin1');
}

function writeSecurity(rest: Buffer): void {
  const size = 0x30;
  rest.writeInt32LE(-size, 0);
  rest.write('sk', 4, 'latin1');
  rest.writeUInt32LE(SECURITY, 8);
  rest.writeUInt32LE(SECURITY, 12);
  rest.writeUInt32LE(1, 16);
  rest.writeUInt32LE(20, 20);
  // A security descriptor without any entry.
  rest.writeUInt16LE(1, 24);
  rest.writeUInt16LE(0x80_00, 26);
  rest.writeInt32LE(rest.length - size, size);
}
