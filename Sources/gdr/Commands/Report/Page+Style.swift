extension Page {
  /// Quiet colours, one accent, the same on light and on dark ground; what is wrong is the only red.
  static let style = """
    :root{--ground:#fff;--card:#f6f7f9;--text:#1c2024;--muted:#5c6672;--edge:#dfe3e8;--good:#1a7a48;--bad:#b3123b;\
    --warn:#8a5a00;--accent:#1f5fbf}
    @media (prefers-color-scheme: dark){:root{--ground:#14171a;--card:#1c2126;--text:#e8eaed;--muted:#9aa5b1;\
    --edge:#333a42;--good:#5fd39a;--bad:#ff6b8b;--warn:#e8c14a;--accent:#7fb2ff}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0 auto;max-width:1300px;padding:32px 28px 64px;background:var(--ground);color:var(--text);\
    font:15px/1.5 system-ui,sans-serif}
    h1{font-size:26px;margin:0;display:inline-block}
    h2{font-size:18px;margin:44px 0 8px;padding-top:14px;border-top:1px solid var(--edge)}
    h3{font-size:15px;margin:0 0 4px}
    p{margin:4px 0}
    h1,h2,h3,p,li,summary{overflow-wrap:anywhere}
    code,pre{font:12.5px/1.5 ui-monospace,monospace}
    pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:8px 0;padding:8px 12px;border-radius:6px;\
    background:var(--ground);border:1px solid var(--edge)}
    .muted{color:var(--muted)}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
    .origin{font-size:12px}pre.origin{margin:12px 0 4px}
    .chip{display:inline-block;margin:0 0 0 14px;padding:2px 12px;border-radius:99px;border:1px solid currentColor;\
    font-weight:600;vertical-align:4px}
    dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(124px,1fr));gap:10px;margin:20px 0 0}
    dl div{background:var(--card);border-radius:8px;padding:10px 14px}
    dt{font-size:12px;color:var(--muted)}dd{margin:0;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}
    article{background:var(--card);border-radius:8px;border-left:4px solid var(--edge);padding:14px 18px;margin:12px 0}
    article.finding{border-left-color:var(--bad)}article.doubt{border-left-color:var(--warn)}
    article.control{border-left-color:var(--accent)}
    .kind{font-weight:400;color:var(--muted);margin-left:6px}
    ul{margin:6px 0;padding-left:20px}
    .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(370px,100%),1fr));gap:16px;margin-top:14px}
    figure{margin:0;background:var(--card);border-radius:8px;padding:12px 14px;overflow-x:auto}
    figure.wide{margin-top:14px}
    figure svg{display:block;margin:0 auto}figure.wide svg{margin:0}
    figcaption{font-weight:600;margin-bottom:4px}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;margin:10px 0;font-variant-numeric:tabular-nums;font-size:14px}
    th{font-weight:400;color:var(--muted);font-size:12.5px;vertical-align:bottom}
    th,td{text-align:right;padding:4px 12px;border-bottom:1px solid var(--edge);white-space:nowrap}
    th:first-child,td:first-child,table.text th,table.text td{text-align:left}
    td:first-child,th:first-child{padding-left:0}
    details{margin:10px 0}summary{cursor:pointer;color:var(--accent)}
    .beyond{fill:var(--bad);fill-opacity:.07}.share{fill:var(--accent);fill-opacity:.75}
    .least{stroke:var(--text);stroke-width:1.5}
    figure .line{stroke-width:1.4}.strong{fill-opacity:.6}
    @media (max-width: 600px){body{padding:18px 12px 40px}h1{font-size:21px;display:block}h2{margin-top:32px}\
    .chip{margin:8px 0 0}dl{grid-template-columns:repeat(2,1fr)}article{padding:12px}figure{padding:10px 8px}\
    td,th{padding:4px 8px}}
    """
}
