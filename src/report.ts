/** What a run found, as plain data: what every reporter gets, and what the library returns. */
import type { Applicability, Edit } from '../fixers/edit.js';
import type { Protocol } from './model/protocols.js';
import type { DialectId, TargetRange } from './model/target.js';
import type { Endpoint, Offer } from './model/types.js';
import type { Finding, Severity } from './rule.js';

/** Lines and columns 1-based, offsets 0-based, columns and offsets in UTF-16 code units. */
export interface ReportPoint {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface ReportFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly place: { readonly start: ReportPoint; readonly end: ReportPoint };
  readonly actual?: string;
  readonly expected?: readonly string[];
  readonly note?: string;
  readonly related: ReadonlyArray<{
    readonly message: string;
    readonly path: string;
    readonly line: number;
    readonly column: number;
  }>;
  readonly endpoints: ReadonlyArray<ReportEndpoint>;
  readonly fix?: ReportFix;
  readonly url: string;
  /** The reason of the comment that suppresses it. */
  readonly suppressed?: string;
  /** The text of the line that it starts on; absent where the file's text must not be shown. */
  readonly sourceLine?: string;
}

export interface ReportEndpoint {
  readonly listen?: string;
  readonly upstream?: string;
  readonly names: readonly string[];
}

export interface ReportFix {
  readonly title: string;
  readonly applicability: Applicability;
  readonly reason?: string;
  readonly edits: readonly Edit[];
}

export interface ReportFile {
  readonly path: string;
  readonly dialect: DialectId;
  readonly findings: readonly ReportFinding[];
  /** The whole text, for fingerprints of lines; reporters never print it. */
  readonly text: string;
}

/** Something that the run could not do: unreadable input, a file that could not be written. */
export interface ReportError {
  readonly path?: string;
  readonly message: string;
}

export interface Summary {
  /** Files read. */
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  /** Findings that remain and that `--write` would mend. */
  readonly fixable: number;
  /** Findings that this run mended. */
  readonly fixed: number;
}

export interface Report {
  readonly version: string;
  readonly policy: { readonly name: string; readonly version: string };
  /** Files with findings, and files without where the reporter wants them: in reading order. */
  readonly files: readonly ReportFile[];
  /** Findings that comments suppress, for formats that have a place for them. */
  readonly suppressed?: readonly ReportFile[];
  readonly errors: readonly ReportError[];
  /** The rules of the run. */
  readonly rules: ReadonlyArray<{
    readonly id: string;
    readonly summary: string;
    readonly severity: Severity;
    readonly url: string;
  }>;
  /** What was assumed, once for the run: "nginx 1.18.0 to 1.31.4 on OpenSSL 1.1.1 to 3.5". */
  readonly assumptions: readonly string[];
  readonly summary: Summary;
}

export function reportFinding(finding: Finding, quotable: boolean): ReportFinding {
  const { source } = finding.file;
  const start = source.pointAt(finding.span.start);
  const line = source.lineSpan(start.line);
  return {
    rule: finding.rule,
    severity: finding.severity,
    message: finding.message,
    place: { start, end: source.pointAt(finding.span.end) },
    ...(finding.actual !== undefined && { actual: finding.actual }),
    ...(finding.expected && { expected: finding.expected }),
    ...(finding.note !== undefined && { note: finding.note }),
    related: finding.related.map(({ message, at }) => {
      const point = at.file.source.pointAt(at.span.start);
      return { message, path: at.file.path, line: point.line, column: point.column };
    }),
    endpoints: finding.endpoints.map(reportEndpoint),
    ...(finding.fix && { fix: reportFix(finding.fix) }),
    url: finding.url,
    ...(quotable && { sourceLine: source.text.slice(line.start, Math.min(line.end, line.start + LONGEST_LINE)) }),
  };
}

/** What of a line is kept for its frame: enough for any terminal, and a file of one line stays cheap. */
const LONGEST_LINE = 1000;

function reportEndpoint(endpoint: Endpoint): ReportEndpoint {
  return {
    ...(endpoint.listen !== undefined && { listen: endpoint.listen }),
    ...(endpoint.upstream !== undefined && { upstream: endpoint.upstream }),
    names: endpoint.names,
  };
}

function reportFix(fix: NonNullable<Finding['fix']>): ReportFix {
  return {
    title: fix.title,
    applicability: fix.applicability,
    ...(fix.reason !== undefined && { reason: fix.reason }),
    edits: fix.edits,
  };
}

/** Counts findings; `fixable` are those whose fix a plain `--write` would make. */
export function summarize(files: readonly ReportFile[], read: number, fixed: number): Summary {
  const count = { error: 0, warning: 0, info: 0 };
  let fixable = 0;
  for (const { findings } of files) {
    for (const { severity, fix } of findings) {
      count[severity]++;
      if (fix?.applicability === 'safe') fixable++;
    }
  }
  return { files: read, errors: count.error, warnings: count.warning, infos: count.info, fixable, fixed };
}

export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** What is offered at one place; sets oldest first, `null` where unknown. */
export interface OfferReport {
  readonly tls: boolean | null;
  readonly state: Offer['state'];
  readonly configured: readonly Protocol[] | null;
  readonly negotiable: readonly Protocol[] | null;
  readonly decidedBy: readonly Place[];
  readonly notes: readonly string[];
}

export interface EndpointReport extends OfferReport {
  readonly role: Endpoint['role'];
  readonly kind: Endpoint['kind'];
  readonly listen?: string;
  readonly upstream?: string;
  readonly default: boolean;
  readonly names: readonly string[];
}

export interface AnswerReport extends OfferReport {
  readonly endpoint: Pick<EndpointReport, 'role' | 'kind' | 'listen' | 'default' | 'names'> | null;
}

export interface RootReport {
  readonly path: string;
  readonly dialect: DialectId;
  readonly target: { readonly server: string; readonly openssl?: string; readonly assumed: TargetRange['assumed'] };
  readonly endpoints: readonly EndpointReport[];
}
