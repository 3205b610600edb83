// SPDX-License-Identifier: Apache-2.0

internal import PolicyEngine

/// Text of a log as a terminal may show it: nothing that moves a cursor, hides, or turns the reading direction.
func visible(_ text: String) -> String {
    var out = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
        guard count < 255 else { return out + "…" }
        if scalar.isHidden {
            out += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            out.unicodeScalars.append(scalar)
        }
    }
    return out
}
