#pragma once

namespace acta::report::html {

/// The page's style sheet. Colours of light and dark have a contrast of at least 4.5 to 1.
inline constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1c1f;--soft:#5a6068;--line:#d9dde2;--card:#f5f6f8;--a:#1f6feb;
  --b:#b35900;--bad:#a40e26;--badbg:#fff0f0}
@media(prefers-color-scheme:dark){
:root{--bg:#14161a;--fg:#e6e8eb;--soft:#a2a9b3;--line:#343941;--card:#1c1f25;--a:#6cb0ff;--b:#f0a050;
  --bad:#ff9aa2;--badbg:#3a1618}
}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--bg);color:var(--fg);
  font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:.5rem 0 0}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
p{margin:.5rem 0}
.soft{color:var(--soft)}
a{color:var(--a)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:1rem 0}
.warning{background:var(--badbg);color:var(--bad);border-left:4px solid var(--bad);padding:.5rem .75rem;
  margin:.5rem 0;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.5rem;margin:.5rem 0}
dl div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;min-width:min(100%,36rem);font-size:.9rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td.l{overflow-wrap:anywhere;min-width:14rem}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bar{width:6rem;height:.7rem;display:inline-block;margin-left:.5rem;vertical-align:middle}
figure{margin:.5rem 0}
figcaption{color:var(--soft);font-size:.85rem;display:flex;justify-content:space-between;flex-wrap:wrap;
  gap:.25rem 1rem}
svg.chart{width:100%;height:10rem;display:block;background:var(--card);border:1px solid var(--line);
  border-radius:.5rem}
.s0{fill:var(--a)}
.s1{fill:var(--b)}
.k0{color:var(--a)}
.k1{color:var(--b)}
@media print{nav{display:none}}
)";

}  // namespace acta::report::html
