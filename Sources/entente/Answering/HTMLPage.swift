// SPDX-License-Identifier: Apache-2.0

/// A page in one file: no scripts, nothing fetched, made for A4 paper.
///
/// Whatever comes from a file or a peer goes through `escaped`. The content security policy lets nothing but the page's
/// own styles in, should something have been missed.
struct HTMLPage {
    let title: String
    let body: String
    var style = ""

    var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width">
        <title>\(Self.escaped(title))</title>
        <style>
        \(Self.base)\(style)</style>
        </head>
        <body>
        \(body)</body>
        </html>

        """
    }

    /// Text as it may stand in an element or a quoted attribute. What hides or turns text round is shown as its number.
    static func escaped(_ text: String) -> String {
        Markup.escaped(text) { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF:
                "[U+" + String(scalar.value, radix: 16, uppercase: true) + "]"
            default: nil
            }
        }
    }

    /// Columns of a heading: what, and which.
    static func facts(_ facts: [(name: String, value: String)]) -> String {
        "<dl class=\"facts\">\n"
            + facts.map { "<div><dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd></div>\n" }.joined()
            + "</dl>\n"
    }

    private static let base = """
        @page { size: A4 portrait; margin: 14mm 13mm 15mm }
        :root { --ink: #16202c; --soft: #5b6776; --line: #c9d0d8; --yes: #1d7a46; --yes-bg: #d9efe0; --no: #9aa3ad;
          --mixed: #9a6200; --mixed-bg: #fdebc8; --bad: #b3261e; --bad-bg: #fbe3e1 }
        * { box-sizing: border-box; -webkit-print-color-adjust: exact; print-color-adjust: exact }
        body { margin: 0 auto; max-width: 184mm; padding: 10mm 0; color: var(--ink); background: #fff;
          font: 9.5pt/1.42 "Source Sans 3", "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif }
        @media print { body { padding: 0; max-width: none } }
        header { border-bottom: 1.6pt solid var(--ink); padding-bottom: 3mm; margin-bottom: 4mm }
        h1 { font-size: 17pt; line-height: 1.2; margin: 0 0 2.5mm; font-weight: 600; letter-spacing: -.01em }
        h2 { font-size: 11.5pt; margin: 6mm 0 2mm; font-weight: 600; break-after: avoid }
        .facts { display: flex; flex-wrap: wrap; gap: 1.5mm 7mm; margin: 0 }
        .facts dt { font-size: 7pt; letter-spacing: .05em; text-transform: uppercase; color: var(--soft) }
        .facts dd { margin: 0; overflow-wrap: anywhere }
        code { font: 8.2pt/1.35 "Source Code Pro", "DejaVu Sans Mono", "Liberation Mono", monospace; overflow-wrap: anywhere }
        table { border-collapse: collapse; width: 100% }
        thead { display: table-header-group }
        tr { break-inside: avoid }
        .note { color: var(--soft); font-size: 8.5pt }
        footer { margin-top: 6mm; padding-top: 2mm; border-top: .5pt solid var(--line); color: var(--soft); font-size: 8pt }

        """
}
