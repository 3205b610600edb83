// SPDX-License-Identifier: Apache-2.0

/// How the pages look: no script, no font or image from elsewhere, light or dark as the reader's system is.
enum ConsoleStyle {
    static let css = """
        :root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#5b6776;--line:#e3e7ec;
        --good:#11703c;--good-bg:#e3f4ea;--bad:#a3221b;--bad-bg:#fdeae8;--warn:#855400;--warn-bg:#fff3da;--bar:#3b6fb5}
        @media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e6eaf0;--soft:#97a3b3;--line:#2a323e;
        --good:#6fd79b;--good-bg:#143323;--bad:#ff9d94;--bad-bg:#3d1a18;--warn:#f2c46d;--warn-bg:#3a2d12;--bar:#6c9fe0}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,sans-serif}
        main{max-width:68rem;margin:0 auto;padding:2rem 1.25rem 3rem}
        header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem;margin-bottom:1.25rem}
        h1{font-size:1.5rem;margin:0;letter-spacing:-.01em}
        header p{margin:0;color:var(--soft)}
        h2{font-size:.8rem;text-transform:uppercase;letter-spacing:.07em;color:var(--soft);margin:0 0 .6rem}
        .state{border-radius:.6rem;padding:.9rem 1.1rem;margin-bottom:1.25rem;font-weight:600}
        .state p{margin:.15rem 0 0;font-weight:400;overflow-wrap:anywhere}
        .good{color:var(--good);background:var(--good-bg)}.bad{color:var(--bad);background:var(--bad-bg)}
        .warn{color:var(--warn);background:var(--warn-bg)}
        .grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:1rem;margin-bottom:1rem}
        section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1.1rem}
        section+section.wide{margin-top:1rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem;margin:0}
        dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
        code{font:.85em ui-monospace,"Cascadia Mono",Menlo,monospace}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th{text-align:left;font-weight:500;color:var(--soft);font-size:.85rem}
        th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:baseline}
        tr:last-child td{border-bottom:0}
        .n{text-align:right}.refused{color:var(--bad);font-weight:600}.none{color:var(--soft)}
        .errors{list-style:none;margin:0;padding:0}
        .errors li{padding:.35rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
        .errors li:last-child{border-bottom:0}
        time{color:var(--soft);font-size:.85rem;margin-right:.6rem;white-space:nowrap}
        footer{margin-top:1.5rem;color:var(--soft);font-size:.85rem}
        a{color:inherit}
        """
}
