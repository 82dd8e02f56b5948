/** The style sheet of a report: light, printable, no fonts from elsewhere. */
export const styles = `
:root { --canvas: #f5f7f9; --surface: #fff; --sunken: #eceff3; --text: #1b2128; --text-2: #48535e; --muted: #5f6b77; --accent: #0b5cc9;
  --ok: #0f7a45; --warning: #8f5600; --critical: #b92c2c; --line: #d5dbe1; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--canvas); color: var(--text); font: 14px/1.5 Inter, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
  system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 40px 0 4px; }
p { margin: 0 0 12px; max-width: 75ch; color: var(--text-2); }
.meta { color: var(--muted); font-size: 13px; }
.verdict { background: var(--surface); border: 1px solid var(--line); border-radius: 6px; padding: 20px 24px; margin-top: 24px; }
.verdict strong { display: block; font-size: 20px; margin-bottom: 12px; }
.figures { display: flex; flex-wrap: wrap; gap: 12px 40px; margin: 0 0 12px; }
.figures div { min-width: 110px; }
.figures dt { color: var(--muted); font-size: 12px; }
.figures dd { margin: 0; font-size: 24px; line-height: 1.3; }
.figures small { font-size: 13px; color: var(--text-2); }
ul { margin: 0; padding-left: 20px; color: var(--text-2); }
table { border-collapse: collapse; width: 100%; background: var(--surface); border: 1px solid var(--line); font-size: 13px; }
caption { text-align: left; padding: 0 0 8px; color: var(--text-2); }
th, td { text-align: left; vertical-align: top; padding: 6px 10px; border-bottom: 1px solid var(--line); }
th { background: var(--sunken); font-weight: 600; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.tight { white-space: nowrap; }
td ul { padding-left: 16px; }
.Critical, .Blocked { color: var(--critical); font-weight: 600; }
.Warning, .ReadyWithWork { color: var(--warning); font-weight: 600; }
.Information, .NotMoved { color: var(--muted); }
.Ready { color: var(--ok); font-weight: 600; }
svg { display: block; width: 100%; height: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 6px; margin: 8px 0 16px; }
svg text { font: 13px Inter, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; fill: var(--text); }
svg .soft { fill: var(--muted); }
@media print { body { background: #fff; font-size: 11px; } main { max-width: none; padding: 0; } h2 { break-after: avoid; }
  tr, svg, .verdict { break-inside: avoid; } thead { display: table-header-group; } @page { margin: 14mm; } }
`
