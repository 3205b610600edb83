// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation

// The canonical form reads back to itself, and a text is said to be canonical exactly if it is.
fuzz { bytes in
    guard let document = try? JSONDocument(reading: bytes) else { return }
    let once = document.canonical(document.root)
    check(document.isCanonical == (once == bytes), "the flag says whether the text is its canonical form")
    guard let again = try? JSONDocument(reading: once) else {
        return check(false, "the canonical form is read")
    }
    check(again.isCanonical, "the canonical form is canonical")
    check(again.canonical(again.root) == once, "the canonical form is its own")
    check(again.hasOnlyCanonicalNumbers == document.hasOnlyCanonicalNumbers, "numbers keep their nature")
    let without = document.canonical(document.root, omitting: ["signatures", "unsigned"])
    guard let rest = try? JSONDocument(reading: without) else { return check(false, "what is left is read") }
    check(rest.isCanonical, "what is left is canonical")
    check(rest.member("signatures", of: rest.root) == nil, "what was to be left out is")
}
