// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB

/// Columns by place, whatever a damaged file holds there.
extension Row {
    func integer(_ column: Int) -> Int64 { Int64.fromDatabaseValue(self[column] as DatabaseValue) ?? 0 }
    func text(_ column: Int) -> String? { String.fromDatabaseValue(self[column] as DatabaseValue) }
    func reference(_ column: Int) -> String? {
        Data.fromDatabaseValue(self[column] as DatabaseValue).map { ReferenceBytes.text($0) }
    }
}
