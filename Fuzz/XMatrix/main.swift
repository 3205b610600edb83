// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation

// Fields are separated by line feeds. What is accepted is written anew and read the same.
fuzz { bytes in
    let fields = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
    guard let credentials = try? XMatrixCredentials(parsing: fields) else { return }
    for header in credentials.headers {
        check(header.origin == credentials.origin, "there is one origin")
        let written = header.fieldValue()
        check((try? XMatrixHeader(parsing: written.span)) == header, "what is written is read the same")
        check(written.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "what is written is printable ASCII")
    }
    check(Set(credentials.headers.map(\.key)).count == credentials.headers.count, "each key signs once")
}
