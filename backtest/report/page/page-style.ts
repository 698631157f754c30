/** Colours by role, light and dark; charts name them as CSS variables, so that one drawing serves both. */
const LIGHT = `--page:#f6f7f9;--card:#ffffff;--ink:#17202b;--muted:#5b6673;--line:#dde2e8;--grid:#e9edf1;--strategy:#1f5fd0;--hold:#b45309;
--same:#0f766e;--random:#7c8796;--band:#7c879633;--gain:#0f6e3f;--loss:#c2352b;--evidence:#14804a;--weak:#a15c00;--none:#6b7480;--chip:#eef1f5`;
const DARK = `--page:#10151c;--card:#171e27;--ink:#e6ebf1;--muted:#9aa6b4;--line:#2b3542;--grid:#232c38;--strategy:#6ea8ff;--hold:#f0a04b;
--same:#4cc3b5;--random:#8b97a6;--band:#8b97a633;--gain:#4cc38a;--loss:#f2766b;--evidence:#4cc38a;--weak:#f0a04b;--none:#98a4b3;--chip:#222b37`;

/** The report's style sheet: no external font or image, dark where the reader's system is, and a sheet that prints. */
export const PAGE_STYLE = `
:root{${LIGHT};color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 20px 56px}
header{margin-bottom:20px}
.kicker{color:var(--muted);font-size:13px;letter-spacing:.02em;margin:0 0 4px}
h1{font-size:28px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 12px}
h3{font-size:14px;margin:18px 0 6px}
p{margin:0 0 10px;overflow-wrap:anywhere}
a{color:var(--strategy)}
.muted,.note{color:var(--muted)}
.note{font-size:13px;margin:8px 0 0}
section,.verdict{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px;margin:0 0 16px;min-width:0}
.verdict{border-left:6px solid var(--tone)}
.verdict .word{color:var(--tone);font-size:20px;font-weight:650;margin:0 0 6px}
.verdict.evidence{--tone:var(--evidence)}.verdict.weak{--tone:var(--weak)}.verdict.none{--tone:var(--none)}
ul.conditions{list-style:none;margin:10px 0 0;padding:0;display:grid;gap:5px}
ul.conditions li{display:grid;grid-template-columns:72px 1fr;gap:8px}
ul.plain{margin:0;padding-left:18px}
ul.plain li{margin:3px 0;overflow-wrap:anywhere}
.tag{display:inline-block;font-size:12px;font-weight:600;border-radius:4px;padding:1px 7px;background:var(--chip);color:var(--muted);white-space:nowrap;justify-self:start;align-self:start;line-height:1.6}
.tag.met{color:var(--gain)}.tag.unmet{color:var(--loss)}.tag.warning{color:var(--weak);margin-left:6px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0 0 16px;padding:0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.tiles dt{color:var(--muted);font-size:13px}
.tiles dd{margin:0;font-size:22px;font-weight:620;font-variant-numeric:tabular-nums;white-space:nowrap}
.tiles dd.small{font-size:12px;font-weight:400;color:var(--muted);white-space:normal}
.scroll{overflow-x:auto;max-width:100%}
.scroll+p,.pair+p{margin-top:10px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
caption{text-align:left;color:var(--muted);font-size:13px;padding:0 0 6px}
th,td{padding:6px 10px;border-bottom:1px solid var(--grid);text-align:right;white-space:nowrap;vertical-align:top}
th{font-weight:600}
thead th{color:var(--muted);font-weight:600;border-bottom:1px solid var(--line)}
tbody th,.text,thead th:first-child{text-align:left}
tbody th{font-weight:500}
td.wrap{white-space:normal;min-width:220px;text-align:left;overflow-wrap:anywhere}
tr.pooled th,tr.pooled td{border-top:2px solid var(--line);font-weight:620}
.interval{display:block;color:var(--muted);font-weight:400;font-size:12px}
.dense{font-size:13px}.dense th,.dense td{padding:5px 6px}.dense td .interval{white-space:normal;min-width:0}.gap{white-space:normal;max-width:34em}
.own{background:color-mix(in srgb,var(--strategy) 7%,transparent)}
.gain{color:var(--gain)}.loss{color:var(--loss)}
.heat td{text-align:center;padding:5px 6px;border:2px solid var(--card);font-size:13px}
.heat th{padding:5px 8px}.heat thead th:not(:first-child){text-align:center}
.heat td.up{background:color-mix(in srgb,var(--gain) calc(var(--share)*1%),transparent)}
.heat td.down{background:color-mix(in srgb,var(--loss) calc(var(--share)*1%),transparent)}
figure{margin:0}
figure svg{display:block;width:100%;height:auto}
.narrow{display:none}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px;align-items:start}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 8px;padding:0;list-style:none;font-size:13px;color:var(--muted)}
.legend span{display:inline-block;width:22px;height:0;border-top:3px solid;margin-right:6px;vertical-align:middle}
.legend span.dashed{border-top-style:dashed}.legend span.area{height:10px;border:0}
.scale{float:right;font-size:13px;color:var(--muted)}
.scale-input{position:absolute;opacity:0;width:1px;height:1px}
.scale label{padding:2px 9px;border:1px solid var(--line);cursor:pointer}
.scale label:first-of-type{border-radius:5px 0 0 5px}.scale label:last-of-type{border-radius:0 5px 5px 0;border-left:0}
#scale-linear:checked~.scale [for=scale-linear],#scale-log:checked~.scale [for=scale-log]{background:var(--chip);color:var(--ink);font-weight:600}
#scale-linear:focus-visible~.scale [for=scale-linear],#scale-log:focus-visible~.scale [for=scale-log]{outline:2px solid var(--strategy)}
#scale-linear:checked~.log,#scale-log:checked~.linear{display:none}
pre{background:var(--chip);border-radius:8px;padding:12px;overflow-x:auto;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:0}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
dl.facts{display:grid;grid-template-columns:minmax(130px,max-content) 1fr;gap:4px 16px;margin:0 0 14px}
dl.facts dt{color:var(--muted)}dl.facts dd{margin:0;overflow-wrap:anywhere;min-width:0}
svg.price{display:block;min-width:760px;max-width:100%;height:auto;font:12px system-ui,sans-serif}
.price text{fill:var(--muted)}.price .middle{text-anchor:middle}.price .grid{stroke:var(--grid)}
.price .rose{stroke:var(--gain);fill:var(--card)}.price .fell{stroke:var(--loss);fill:var(--loss)}.price .rose,.price .fell{stroke-opacity:.55;fill-opacity:.55}
.price .stop,.price .target{stroke-width:1.5;stroke-dasharray:4 3;stroke:var(--hold)}.price .target{stroke:var(--same)}
.price .trade path{stroke-width:1.2;stroke:var(--ink);fill:var(--tone)}.price .trade .exit{stroke:var(--tone);stroke-width:2.5;fill:none}
.price .trade .way{stroke:var(--tone);stroke-width:2;fill:none}.price .won{--tone:var(--gain)}.price .lost{--tone:var(--loss)}
.price .point rect{fill:var(--ink);fill-opacity:0}.price .point text{display:none;fill:var(--ink)}
.price .point:hover rect{fill-opacity:.07}.price .point:hover text{display:block}
.price .cross{stroke:var(--muted);stroke-dasharray:2 2}
.frame svg.price{min-width:0;width:100%}.frame{touch-action:pan-y;cursor:grab;user-select:none}.frame:focus-visible,button:focus-visible,select:focus-visible{outline:2px solid var(--strategy)}
.tools{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;margin:0 0 8px;font-size:13px;color:var(--muted)}.tools[hidden],.pages[hidden]{display:none}
.readout{font-size:13px;font-variant-numeric:tabular-nums;min-height:1.5em;margin:4px 0 0}.pages{margin:8px 0 0;font-size:13px;color:var(--muted)}
button,select{font:inherit;font-size:13px;color:var(--ink);background:var(--chip);border:1px solid var(--line);border-radius:5px;padding:3px 9px;max-width:100%}
button{cursor:pointer}button:disabled{opacity:.45;cursor:default}
thead th button{background:none;border:0;padding:0;color:inherit;font-size:inherit;font-weight:600}
th[aria-sort=ascending] button::after{content:" \\2191" / ""}th[aria-sort=descending] button::after{content:" \\2193" / ""}
svg.scatter{display:block;width:100%;height:auto;font:12px system-ui,sans-serif}.scatter text{fill:var(--muted)}.scatter .grid{stroke:var(--grid)}.scatter .zero{stroke:var(--muted)}
.scatter path{fill:none;stroke-width:4.5;stroke-linecap:round;stroke-opacity:.55}.scatter .won{stroke:var(--gain)}.scatter .lost{stroke:var(--loss)}
.middle{text-anchor:middle}.end{text-anchor:end}
details{border-top:1px solid var(--grid);padding:6px 0}summary{cursor:pointer;overflow-wrap:anywhere}details[open]>summary{margin-bottom:8px}
details.order summary span,details.order summary strong{margin-right:14px;font-variant-numeric:tabular-nums}
@media (max-width:640px){main{padding:16px 12px 40px}section,.verdict{padding:14px}h1{font-size:23px}.wide{display:none}.narrow{display:block}
.tiles{grid-template-columns:repeat(2,1fr)}.tiles dd{font-size:19px}ul.conditions li,dl.facts{grid-template-columns:1fr;gap:1px}dl.facts dd{margin-bottom:6px}.scale{float:none;margin-bottom:8px}}
@media print{:root{${LIGHT}}body{background:#fff;font-size:11px}main{max-width:none;padding:0}section,.verdict{break-inside:avoid;border-color:#ccc}
.scale,.tools,.pages button{display:none}.scroll{overflow:visible}table,.dense{font-size:9.5px}th,td,.dense th,.dense td{padding:3px 5px}.ledger .dense{font-size:7.6px}.ledger .dense th,.ledger .dense td{padding:2px 3px}pre{white-space:pre-wrap}.wide{display:block}.narrow{display:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
