// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The date for pages whose caller gives none, in UTC.
enum Today {
    static var text: String {
        var now = time(nil)
        var parts = unsafe tm()
        guard unsafe gmtime_r(&now, &parts) != nil else { return "" }
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        let (year, month, day) = unsafe (parts.tm_year, parts.tm_mon, parts.tm_mday)
        return "\(1900 + Int(year))-\(two(month + 1))-\(two(day))"
    }
}
