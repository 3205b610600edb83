// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Colours for people at a terminal; none in a pipe, in a file, or where `NO_COLOR` is set (no-color.org).
enum Paint {
    case red, green, yellow, faint, bold

    static let isWanted: Bool = {
        let isRefused = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
        return isatty(STDOUT_FILENO) == 1 && !isRefused
    }()

    /// - Parameter wanted: whether the reader has colours.
    func callAsFunction(_ text: String, _ wanted: Bool) -> String { wanted ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

    private var code: String {
        switch self {
        case .red: "31"
        case .green: "32"
        case .yellow: "33"
        case .faint: "2"
        case .bold: "1"
        }
    }
}
