// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import Glibc

/// How far a long reading is, on the terminal of standard error; silent for the first second and where nobody looks.
struct ProgressBar {
    private let total: Int
    private let began = WallClock.system.microseconds
    private var shown = -1
    private var calls = 0

    private static let isWanted = isatty(STDERR_FILENO) == 1
    private static let width = 40

    init(total: Int) { self.total = max(total, 1) }

    /// May be called for every record: it looks at the clock seldom.
    mutating func advance(to position: Int) {
        calls &+= 1
        guard Self.isWanted, calls & 4095 == 0 else { return }
        let percent = min(position * 100 / total, 100)
        guard percent != shown, WallClock.system.microseconds - began > 1_000_000 else { return }
        shown = percent
        let filled = percent * Self.width / 100
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        Terminal.mutter("\r\(bar) \(percent)%")
    }

    /// Takes the bar away.
    func end() { if shown >= 0 { Terminal.mutter("\r\u{1B}[K") } }
}
