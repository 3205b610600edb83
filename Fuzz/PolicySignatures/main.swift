// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import PolicyEngine

// The three small files of officers and their policies. What is accepted is written anew and read the same.
fuzz { bytes in
    if let signatures = try? PolicySignatures(parsing: bytes) {
        check(signatures.entries.count <= PolicySignatures.maxLines, "there are not more than may be")
        let written = signatures.bytes
        check(written.count == bytes.count, "each content has one spelling")
        check((try? PolicySignatures(parsing: written))?.bytes == written, "what is written is read the same")
    }
    if let key = try? OfficerKeyFile(parsing: bytes) {
        check(key.bytes == bytes, "each key has one spelling")
    }
    if let floor = PolicyFloor(parsing: bytes) {
        check(floor.bytes == bytes, "each floor has one spelling")
    }
}
