/** `srbr audit`: whether history, manifest, slots and repository agree (BR-AUDIT). */
import { audit, findingText } from '../audit/findings.ts';
import { fix } from '../audit/fix.ts';
import type { Call } from '../cli/command-spec.ts';
import { EXIT } from '../errors.ts';
import { openSession } from './session.ts';

export async function runAudit(call: Call): Promise<number> {
  const session = await openSession(call);
  const { options, report } = session;
  const found = await audit(session);
  const open: object[] = [];
  const fixed: string[] = [];
  const lines: string[] = [];
  for (const finding of found.findings) {
    const done = options.flag('fix') ? await fix(session, found, finding) : undefined;
    const text = findingText(finding, found);
    if (done === undefined) {
      open.push({ kind: finding.kind, label: finding.label, text });
      lines.push(`${finding.kind}  ${text}`);
    } else {
      fixed.push(done);
      lines.push(`fixed  ${done}`);
    }
  }
  const summary = `${found.findings.length} found, ${fixed.length} fixed`;
  report.result({ findings: open, fixed }, [...lines, lines.length === 0 ? 'all agree' : summary]);
  return open.length === 0 ? EXIT.ok : EXIT.mismatch;
}
