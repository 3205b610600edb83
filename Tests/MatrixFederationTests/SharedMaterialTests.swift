// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestKit
import Testing

/// Without the material beside the project many suites are disabled. That must not happen unnoticed: `Deploy/test` sets
/// `ENTENTE_SHARED_EXPECTED` where the folder exists.
@Suite("The material beside the project")
struct SharedMaterialTests {
    @Test(
        "is found where it is expected",
        .enabled(if: ProcessInfo.processInfo.environment["ENTENTE_SHARED_EXPECTED"] != nil))
    func isFound() throws {
        #expect(Shared.isPresent, "\(Shared.root.path) has no spec/vectors")
        #expect(try !Shared.vectors("canonical_json").isEmpty)
    }
}
