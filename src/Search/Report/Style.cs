namespace DataSsl.Search.Report;

/// <summary>The page's style. No child combinators and no ampersands: the page is XML too, where those would need escapes that HTML does not undo here.</summary>
internal static class Style
{
    public const string Sheet = """

        :root { color-scheme: light dark; --page: #fdfdfc; --ink: #1d2329; --soft: #59636e; --rule: #d5dadf; --band: #2f6fb00d; --odd: #2f6fb01f; --dot: #47688a66; --front: #1f5fa8; --win: #b3400a; --on: #fff;
          --s0: #7a8794; --s1: #3b79b8; --s2: #2a9187; --s3: #b98112; --s4: #b3400a; --s5: #8450a8; }
        @media screen and (prefers-color-scheme: dark) { :root { --page: #14181c; --ink: #e4e8ec; --soft: #a3adb8; --rule: #343c45; --band: #6fb0f014; --odd: #6fb0f028; --dot: #9fc0e280; --front: #7cbcff; --win: #ffab73; --on: #1d1206;
          --s0: #8d9aa8; --s1: #6aa9e6; --s2: #52bdb1; --s3: #e0ac45; --s4: #ffab73; --s5: #be8fe0; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 78rem; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .75rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; } h3 { font-size: 1rem; margin: 0 0 .3rem; }
        p { max-width: 46rem; margin: .5rem 0; }
        code, pre { font: .85em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; } pre { white-space: pre-wrap; border-left: 3px solid var(--rule); padding-left: .8rem; }
        small { display: block; color: var(--soft); font-size: .8rem; overflow-wrap: anywhere; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1.5rem; }
        figure { margin: 0; max-width: 52rem; } figcaption, caption { color: var(--soft); font-size: .85rem; text-align: left; }
        caption { padding: 0 0 .4rem; }
        .chart { width: 100%; height: auto; display: block; overflow: visible; } .chart text { font-size: 12px; fill: var(--soft); }
        .chart .name, .chart text.anchor { fill: var(--ink); } .grid, .axis { stroke: var(--rule); } .axis { stroke: var(--soft); } .band { fill: var(--band); } .odd { fill: var(--odd); } .chart .band-name { fill: var(--ink); }
        line.anchor { stroke: var(--soft); stroke-dasharray: 4 4; } .dots { stroke: var(--dot); stroke-width: 3; stroke-linecap: round; fill: none; } .front { stroke: var(--front); stroke-width: 2; fill: none; }
        .winner circle, .badge { fill: var(--win); } .winner circle { stroke: var(--page); stroke-width: 2; } .chart .winner text { fill: var(--on); font-weight: 700; }
        .winner:focus-visible { outline: none; } .winner:focus-visible circle, .winner:hover circle { stroke: var(--ink); stroke-width: 3; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--rule); }
        thead th { color: var(--soft); font-weight: 600; border-bottom-color: var(--soft); } .number { font-variant-numeric: tabular-nums; white-space: nowrap; }
        .winners tr:target { background: var(--band); } .badge { display: inline-block; min-width: 1.6em; text-align: center; border-radius: 1em; background: var(--win); color: var(--on); }
        .facts { max-width: 52rem; margin: 1.2rem 0; } .facts th { width: 13rem; font-weight: 600; } .facts td { overflow-wrap: anywhere; }
        .arch { display: block; max-width: 100%; margin-bottom: .3rem; } .arch .s0 { fill: var(--s0); } .arch .s1 { fill: var(--s1); } .arch .s2 { fill: var(--s2); } .arch .s3 { fill: var(--s3); } .arch .s4 { fill: var(--s4); } .arch .s5 { fill: var(--s5); }
        #tip { position: fixed; z-index: 1; max-width: min(24rem, 90vw); padding: .4rem .6rem; border-radius: .3rem; background: var(--ink); color: var(--page); font-size: .8rem; pointer-events: none; overflow-wrap: anywhere; }
        @media (max-width: 52rem) {
          .winners, .winners tbody, .winners tr, .winners td, .winners caption { display: block; } .winners thead { position: absolute; clip-path: inset(50%); }
          .winners tr { padding: .6rem 0; border-bottom: 1px solid var(--soft); } .winners td { border: 0; padding: .15rem 0; display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); }
          .winners td::before { content: attr(data-label); grid-row: 1 / span 9; color: var(--soft); } .winners td * { grid-column: 2; justify-self: start; }
        }
        @media (max-width: 36rem) { .chart text { font-size: 19px; } .chart .winner circle { r: 15px; } .chart .dots { stroke-width: 4.5; } .chart .front { stroke-width: 3; } .facts th { width: 8rem; } }
        @media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 10.5pt; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; } #tip { display: none; } }

        """;
}
